// Scripts which put no spaces between words: Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar.

/** What goes between the brackets of a class in a regular expression. */
export const SPACELESS =
  '\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Khmr}\\p{sc=Mymr}'
