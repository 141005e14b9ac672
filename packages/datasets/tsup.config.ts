import { library } from '@ostinato/config/tsup'

export default library({
  entry: {
    index: 'src/index.ts',
    births: 'src/readers/births.ts',
    csv: 'src/csv.ts',
    imdb: 'src/readers/imdb.ts',
    series: 'src/series/index.ts',
    stocks: 'src/readers/stocks.ts',
    tasks: 'src/tasks.ts',
  },
})
