// The site: its pages and their order. The reference below /api is generated.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const items = entries => Object.entries(entries).map(([link, text]) => ({ text, link }))
// The pages lie outside this project, so what they import is looked for here.
const { resolve } = createRequire(import.meta.url)
const reference = existsSync(join(import.meta.dirname, '../../api/index.md'))

/** What VitePress reads: it asks for a default export. */
export default {
  title: 'Ostinato',
  description: 'Learning from sequences, in TypeScript',
  srcDir: '..',
  srcExclude: ['README.md', 'site/**'],
  cleanUrls: true,
  // Links to files of the repository; the link check of the tests follows them.
  ignoreDeadLinks: [/\.\.\/(CONTRIBUTING|bench)/, ...(reference ? [/^\.\/.*\/src/] : [/^\/api/])],
  markdown: { math: true },
  vite: {
    resolve: {
      alias: [
        { find: /^vue\/server-renderer$/, replacement: resolve('vue/server-renderer') },
        { find: /^vue$/, replacement: resolve('vue') },
      ],
    },
  },
  // Code of 100 columns fits, and what is compared stands side by side where there is room.
  head: [['style', {}, `
    :root { --vp-code-font-size: 13px }
    .VPDoc:not(.has-aside) .container .content-container, .VPDoc:not(.has-aside) .container .content { max-width: 920px }
    @media (min-width: 1280px) {
      .beside { display: grid; grid-template-columns: 2fr 3fr; gap: 16px; margin: 16px 0 }
      .beside > div[class*="language-"] { min-width: 0; margin: 0 }
      .VPDoc:not(.has-aside):has(.beside) .content-container,
      .VPDoc:not(.has-aside):has(.beside) .container .content { max-width: 1240px }
    }
  `]],
  themeConfig: {
    aside: false,
    search: { provider: 'local' },
    nav: items({ '/tutorial': 'Tutorial', '/how-it-works': 'How it works', '/benchmark': 'Benchmark', '/api/': 'API' }),
    sidebar: [
      { text: 'Start', items: items({ '/tutorial': 'From a tensor to a classifier' }) },
      {
        text: 'Shapes of sequence work',
        items: items({
          '/guides/sequence-to-vector': 'Sequence to vector',
          '/guides/vector-to-sequence': 'Vector to sequence',
          '/guides/sequence-to-sequence': 'Sequence to sequence',
          '/guides/step-by-step': 'One output a step',
        }),
      },
      {
        text: 'Coming from',
        items: items({
          '/from/keras': 'Keras',
          '/from/pytorch': 'PyTorch',
          '/from/tensorflow-js': 'TensorFlow.js',
        }),
      },
      {
        text: 'More',
        items: items({
          '/how-it-works': 'How it works',
          '/benchmark': 'Benchmark',
          '/ci': 'Your own monorepo',
          '/api/': 'API',
        }),
      },
    ],
  },
}
