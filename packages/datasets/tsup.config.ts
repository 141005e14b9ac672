import { library } from '@ostinato/config/tsup'

export default library({
  entry: {
    index: 'src/index.ts',
    imdb: 'src/readers/imdb.ts',
    series: 'src/series/index.ts',
    tasks: 'src/tasks.ts',
  },
})
