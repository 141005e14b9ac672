// The looks of a report: dark on light, in one or two columns as there is room, on paper too.

/**
 * Charts are 480 units wide with type of 13 units. So that it is never shown below 12 px, columns are at least 460 px
 * wide; where a screen is narrower, the type grows.
 */
export const style = `
:root { color-scheme: light; --ink: #1b2733; --soft: #52616f; --line: #dfe5ea; --right: #00785a; --wrong: #b84a00 }
* { box-sizing: border-box }
body { margin: 0; background: #f5f7f9; color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
main { max-width: 1180px; margin: 0 auto; padding: 32px 24px 48px }
h1 { margin: 0 0 8px; font-size: 30px; line-height: 1.2 }
h2 { margin: 0 0 12px; font-size: 19px; break-after: avoid }
h1, h2, p, dd, dt, figcaption { overflow-wrap: anywhere }
.summary { margin: 0; max-width: 70ch; font-size: 18px; color: var(--soft) }
.key { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 150px), 1fr)); gap: 16px; margin: 28px 0 }
.key div, section { background: white; border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px }
.key dt { color: var(--soft); font-size: 14px }
.key dd { margin: 0; font-size: 28px; font-weight: 650; font-variant-numeric: tabular-nums }
.key dd.note { font-size: 14px; font-weight: 400; color: var(--soft) }
section { margin: 16px 0 }
section > p { margin: 0 0 12px; max-width: 80ch }
.charts, .charts figure:only-child { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 460px), 1fr)); gap: 20px 28px }
.charts figure:only-child { grid-column: 1 / -1; align-items: center }
figure { margin: 0; min-width: 0; overflow-x: auto }
figure svg { display: block; width: 100%; max-width: 560px; min-width: 276px; height: auto; overflow: visible; font-family: inherit }
figcaption { margin-top: 4px; color: var(--soft); font-size: 14px }
.scroll { overflow-x: auto; margin-top: 16px }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: 8px 12px; text-align: right; font-weight: 400; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left }
thead th { color: var(--soft); font-weight: 600; font-size: 14px }
tr.highlight { background: #eaf3f9 }
tr.highlight > * { font-weight: 600 }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 14px }
blockquote { margin: 0; padding: 12px 16px; border-left: 4px solid var(--right); background: #f8fafb; border-radius: 0 8px 8px 0; overflow-wrap: anywhere }
blockquote.wrong { border-left-color: var(--wrong) }
blockquote p { margin: 0 0 6px; font-size: 14px; white-space: pre-line }
blockquote footer { color: var(--soft); font-size: 13px }
blockquote b { color: var(--right) }
blockquote.wrong b { color: var(--wrong) }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 150px), 1fr)); gap: 14px }
.pictures figure { padding: 12px 10px; text-align: center; background: #f8fafb; border-radius: 8px; border-bottom: 4px solid var(--right) }
.pictures figure.wrong { border-bottom-color: var(--wrong) }
.pictures img { width: 72px; height: 72px; object-fit: contain }
.pictures figcaption { color: var(--ink); line-height: 1.35 }
.pictures small { display: block; margin-top: 2px; color: var(--soft); font-size: 12px }
.pictures b { color: var(--right) }
.pictures .wrong b { color: var(--wrong) }
main > footer { margin-top: 24px; color: var(--soft); font-size: 13px; overflow-wrap: anywhere }
@media (max-width: 540px) {
  main { padding: 16px 8px 32px }
  .key div, section { padding: 12px }
  figure svg { font-size: 17px }
}
@media (max-width: 400px) {
  figure svg { font-size: 21px }
}
@media print {
  @page { margin: 14mm }
  body { background: white; font-size: 14px; print-color-adjust: exact; -webkit-print-color-adjust: exact }
  main { max-width: none; padding: 0 }
  .charts { grid-template-columns: 1fr 1fr }
  figure svg { min-width: 0; max-width: 340px; font-size: 17px }
  figure, blockquote, tr, .key div { break-inside: avoid }
  .samples { grid-template-columns: 1fr 1fr }
}
`
