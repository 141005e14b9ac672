// What an optimizer is given to train: parameters, with or without names, in one list or in groups. Reads and checks
// the list; holds no state.
import { isParameter, type Parameter } from '@ostinato/tensor'
import { show, throwFaults } from './faults.ts'
import { nonNegative, rate } from './options.ts'
import type { Schedule } from './schedules/schedule.ts'

/** A parameter with the name it has in a checkpoint, as `namedParameters()` of a model gives it. */
export type NamedParameter = readonly [name: string, parameter: Parameter]

/** Parameters with a learning rate or a weight decay of their own; what is absent is the optimizer's. */
export interface ParameterGroup {
  readonly parameters: Iterable<Parameter | NamedParameter>
  readonly learningRate?: number | Schedule
  readonly weightDecay?: number
}

/**
 * What an optimizer trains: parameters, `[name, parameter]` pairs, or groups of them. A parameter without a name is
 * called by its place in the whole list: `'0'`, `'1'`, …
 */
export type Trainable = Iterable<Parameter | NamedParameter | ParameterGroup>

/** The options that a group may set. */
export interface GroupSettings {
  readonly learningRate: number | Schedule
  readonly weightDecay: number
}

/** A group as it is trained: every option set, every parameter named. */
export interface ReadGroup {
  readonly learningRate: Schedule
  readonly weightDecay: number
  readonly members: readonly NamedParameter[]
}

const fields = { learningRate: rate(), weightDecay: nonNegative() }

/**
 * Sorts what is to be trained into groups; what stands outside any group makes up the first.
 * @throws RangeError naming everything that is no parameter, comes twice, has another's name or an option out of range
 */
export function readGroups(where: string, trainable: Trainable, own: GroupSettings): ReadGroup[] {
  const faults: string[] = []
  const names = new Map<Parameter, string>()
  const taken = new Set<string>()
  let place = 0

  const readMember = (item: unknown): NamedParameter[] => {
    const named = Array.isArray(item) && item.length === 2
    const name: unknown = named ? item[0] : String(place)
    const parameter: unknown = named ? item[1] : item
    const at = `entry ${place}${named ? ` (${show(name)})` : ''}`
    place++
    if (!isParameter(parameter) || typeof name !== 'string') {
      faults.push(`expected a Parameter or a pair [name, Parameter], got ${show(item)} as ${at}`)
      return []
    }
    const first = names.get(parameter)
    if (first !== undefined) {
      faults.push(`expected each parameter once, got '${first}' again as ${at}: list a shared one once`)
    } else if (taken.has(name)) {
      faults.push(`expected a name for each parameter alone, got '${name}' again as ${at}`)
    }
    names.set(parameter, first ?? name)
    taken.add(name)
    return [[name, parameter]]
  }

  const readGroup = (group: ParameterGroup, index: number): ReadGroup => {
    for (const key of Object.keys(group)) {
      if (key === 'parameters') continue
      if (key !== 'learningRate' && key !== 'weightDecay') {
        faults.push(`expected groups of parameters, learningRate and weightDecay, got '${key}' in group ${index}`)
      } else if (group[key] !== undefined && !fields[key].accepts(group[key])) {
        faults.push(`expected ${key} of group ${index} to be ${fields[key].expected}, got ${show(group[key])}`)
      }
    }
    const { learningRate = own.learningRate, weightDecay = own.weightDecay, parameters } = group
    return { learningRate: asSchedule(learningRate), weightDecay, members: [...parameters].flatMap(readMember) }
  }

  const items = listOf(where, trainable)
  const loose: NamedParameter[] = []
  const groups: ReadGroup[] = [{ ...own, learningRate: asSchedule(own.learningRate), members: loose }]
  for (const item of items) {
    if (isGroup(item)) groups.push(readGroup(item, groups.length - 1))
    else loose.push(...readMember(item))
  }
  if (place === 0) faults.push('expected at least one parameter, got none')
  throwFaults(where, faults)
  return groups.filter((group) => group.members.length > 0)
}

const isGroup = (item: unknown): item is ParameterGroup =>
  typeof item === 'object' && item !== null && !isParameter(item) && 'parameters' in item && isIterable(item.parameters)

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value

function listOf(where: string, trainable: Trainable): unknown[] {
  if (isIterable(trainable)) return [...trainable]
  throwFaults(where, [`expected a list of parameters, got ${show(trainable)}: pass model.namedParameters()`])
  return []
}

/** A fixed learning rate as a schedule; a schedule as it is. */
export function asSchedule(learningRate: number | Schedule): Schedule {
  return typeof learningRate === 'number' ? () => learningRate : learningRate
}
