// The user's own files: what is repaired and said, and what is refused with its lines.
import { DatasetError } from '@ostinato/datasets'
import { readCsvSeries, type CsvOptions } from '@ostinato/datasets/csv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const csv = (...rows: readonly string[]) => ['Date,Close', ...rows].join('\n')
const read = (text: string, options: CsvOptions = {}) => {
  const { series, repairs } = readCsvSeries(text, options)
  const dates = Array.from(series.times, (time) => new Date(time).toISOString().slice(0, 10))
  return { dates, values: [...series.values], repairs, series }
}

describe('a file in order', () => {
  it('is read as it is', () => {
    const { dates, values, repairs, series } = read(csv('2020-01-03,1', '2020-01-04,2.5', '2020-01-05,-3e2'))
    expect([dates, values, repairs]).toEqual([['2020-01-03', '2020-01-04', '2020-01-05'], [1, 2.5, -300], []])
    expect(series.name).toBe('Close')
  })

  it('may have features, other names, other separators, a byte order mark, quotes and empty lines', () => {
    const text = '\uFEFFday;Kurs;"Menge; Stück"\r\n2020-01-01;1;10\r\n\r\n2020-01-02;2;20\r\n'
    const { values, series } = read(text, { date: 'DAY', target: 'Kurs', features: ['Menge; Stück'], name: 'k' })
    expect([values, series.observedNames, [...series.observed[0]], series.name]).toEqual([
      [1, 2],
      ['Menge; Stück'],
      [10, 20],
      'k',
    ])
  })

  it('may group thousands', () => {
    expect(read(csv('2020-01-01,"1,234.5"', '2020-01-02,"12,345,678"')).values).toEqual([1234.5, 12_345_678])
  })

  it('may have names that objects have', () => {
    const { series } = read('Date,Close,__proto__\n2020-01-01,1,5\n2020-01-02,2,6', { features: ['__proto__'] })
    expect([series.observedNames, series.observed.length]).toEqual([['__proto__'], 1])
  })

  it('has its hours', () => {
    const { series } = read(csv('2020-01-01T09:30:00Z,1', '2020-01-01 10:30,2', '2020-01-01T12:30+01:00,3'))
    expect(Array.from(series.times, (time) => new Date(time).getUTCHours())).toEqual([9, 10, 11])
  })
})

describe('is repaired and said:', () => {
  it('rows out of order', () => {
    const { values, repairs } = read(csv('2020-01-01,1', '2020-01-03,3', '2020-01-02,2'))
    expect([values, repairs]).toEqual([[1, 2, 3], ['1 row stood before an earlier one: all are sorted by date']])
    expect(read(csv('2020-01-02,2', '2020-01-01,1')).repairs).toEqual([
      'the newest row stood first: the order is turned round',
    ])
  })

  it('rows given twice', () => {
    const { values, repairs } = read(csv('2020-01-01,1', '2020-01-02,2', '2020-01-02,2.0'))
    expect([values, repairs]).toEqual([[1, 2], ['1 row was given twice and counts once']])
  })

  it('empty values take the one before, never one after', () => {
    const { dates, values, repairs } = read(
      csv('2020-01-01,', '2020-01-02,5', '2020-01-03,NaN', '2020-01-04,null', '2020-01-05,7'),
    )
    expect([dates[0], values]).toEqual(['2020-01-02', [5, 5, 5, 7]])
    expect(repairs).toEqual([
      '1 row before the first with all values is left out',
      '2 empty values take the value before',
    ])
  })

  it('missing days of a daily series', () => {
    const { dates, values, repairs } = read(
      csv('2020-01-03,1', '2020-01-04,2', '2020-01-05,3', '2020-01-08,6', '2020-01-09,7'),
    )
    expect(dates).toHaveLength(7)
    expect(values).toEqual([1, 2, 3, 3, 3, 6, 7])
    expect(repairs).toEqual(['2 steps are missing (the longest of 2 after 2020-01-05) and take the value before'])
  })

  it('holidays of an exchange are kept, and weekends are none', () => {
    const trading = csv(...[2, 3, 6, 7, 9, 10, 13, 14].map((day, i) => `2020-01-${String(day).padStart(2, '0')},${i}`))
    expect(read(trading)).toMatchObject({
      values: [0, 1, 2, 3, 4, 5, 6, 7],
      repairs: ['1 step is missing (the longest of 1 after 2020-01-07): the rows on both sides count as neighbours'],
    })
    expect(read(trading, { gaps: 'fill' }).values).toEqual([0, 1, 2, 3, 3, 4, 5, 6, 7])
    expect(() => read(trading, { gaps: 'error' })).toThrow(/expected no gaps, got 1 missing step/)
  })

  it('in whatever order rows come, the same series', () => {
    const rows = Array.from({ length: 20 }, (_, i) => `2020-01-${String(i + 1).padStart(2, '0')},${i * i}`)
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: 20 }), (shuffled) => {
        expect(read(csv(...shuffled)).values).toEqual(read(csv(...rows)).values)
      }),
    )
  })
})

describe('is refused:', () => {
  it.each<[string, string, CsvOptions, RegExp]>([
    ['nothing', '', {}, /a line of names and rows below it, got none/],
    ['names alone', 'Date,Close\n', {}, /rows below it, got none/],
    ['no such column', csv('2020-01-01,1'), { target: 'Open' }, /expected a column 'Open', got 'Date', 'Close'/],
    ['a column twice', 'Date,Close,Close\n2020-01-01,1,2', {}, /one column 'Close', got 2/],
    [
      'a column for two purposes',
      csv('2020-01-01,1'),
      { features: ['Close'] },
      /each column once, got 'Close' for two/,
    ],
    [
      'words for numbers',
      csv('2020-01-01,1', '2020-01-02,two', '2020-01-03,0x10'),
      {},
      /got 'two' in line 3, '0x10' in line 4: mend/,
    ],
    ['decimal commas', 'Date;Close\n2020-01-01;1,5', {}, /got '1,5' in line 2/],
    ['infinity', csv('2020-01-01,1e999'), {}, /got '1e999' in line 2/],
    ['words for dates', csv('yesterday,1', '2020-01-02,2'), {}, /dates such as 2020-12-31, got 'yesterday' in line 2/],
    ['days that are none', csv('2020-02-30,1', '2020-01-02,2'), {}, /got '2020-02-30' in line 2/],
    ['dates that may be two', csv('01/02/2020,1', '02/03/2020,2'), {}, /dateFormat 'mdy' or 'dmy'/],
    [
      'two values of a date',
      csv('2020-01-01,1', '2020-01-01,2', '2020-01-02,2'),
      {},
      /several for 2020-01-01 in lines 2 and 3/,
    ],
    ['a row', csv('2020-01-01,1'), {}, /expected 2 rows or more, got 1/],
    ['too few rows', csv('2020-01-01,1', '2020-01-02,1'), { minimumRows: 10 }, /expected 10 rows or more, got 2/],
    ['a row with a cell more', csv('2020-01-01,1', '2020-01-02,1,5'), {}, /2 columns in every row, got 3 in line 3/],
    ['an open quote', csv('2020-01-01,"1'), {}, /expected quotes that close/],
    ['no value at all', csv('2020-01-01,', '2020-01-02,NA'), {}, /a row with a value of each of Close, got none/],
    [
      'a long gap',
      csv('2020-01-04,1', '2020-01-05,1', '2020-01-06,1', '2020-01-07,1', '2021-01-01,2'),
      {},
      /at most 31 steps, got the longest of 359/,
    ],
    ['a silly minimum', csv('2020-01-01,1'), { minimumRows: 0 }, /minimumRows of 2 or more, got 0/],
  ])('%s', (_, text, options, message) => {
    expect(() => readCsvSeries(text, options)).toThrow(message)
    expect(() => readCsvSeries(text, options)).toThrow(DatasetError)
  })

  it('many faults at once, the first five of each with their lines', () => {
    const rows = Array.from({ length: 8 }, (_, i) => `no,${i}x`)
    expect(() => readCsvSeries(csv(...rows))).toThrow(
      /2 faults\n.*'no' in line 6 and 3 more\n.*'4x' in line 6 and 3 more/,
    )
  })
})

describe('the order of day and month', () => {
  it('is that which all dates fit', () => {
    expect(read(csv('01/02/2020,1', '01/31/2020,2'), { gaps: 'keep' }).dates).toEqual(['2020-01-02', '2020-01-31'])
    expect(read(csv('01.02.2020,1', '31.03.2020,2'), { gaps: 'keep' }).dates).toEqual(['2020-02-01', '2020-03-31'])
  })

  it('can be given', () => {
    expect(read(csv('01/02/2020,1', '02/02/2020,2'), { dateFormat: 'dmy' }).dates).toEqual([
      '2020-02-01',
      '2020-02-02',
    ])
  })
})
