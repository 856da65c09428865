import { type Context, createContext, useContext } from 'react'
import { en, type TextKey } from './en.ts'
import { zh } from './zh.ts'

export type { TextKey } from './en.ts'
export type Language = 'en' | 'zh'
export const languages: Record<Language, string> = { en: 'English', zh: '中文' }
const dictionaries: Record<Language, Record<TextKey, string>> = { en, zh }

type CountedKey = { [K in TextKey]: K extends `${infer Stem}.one` ? Stem : never }[TextKey]
type Values = Readonly<Record<string, string | number>>

export interface Text {
  readonly language: Language
  (key: TextKey, values?: Values): string
  /** Picks `.one` or `.other`; the number itself is `{count}`. */
  count(key: CountedKey, count: number, values?: Values): string
}

const storageKey = 'nexo.language'

function isLanguage(value: string | null): value is Language {
  return value !== null && value in dictionaries
}

/** The language chosen before, else the first of the browser's that we speak. */
export function initialLanguage(): Language {
  const kept = localStorage.getItem(storageKey)
  if (isLanguage(kept)) return kept
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en'
}

/** Keeps the choice and tells the page, so that the browser picks the right glyphs for Han characters. */
export function applyLanguage(language: Language, keep: boolean): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  if (keep) localStorage.setItem(storageKey, language)
}

export function createText(language: Language): Text {
  const dictionary = dictionaries[language]
  const fill = (key: TextKey, values?: Values): string =>
    dictionary[key].replace(/\{(\w+)\}/g, (hole, name: string) => String(values?.[name] ?? hole))
  const plural = new Intl.PluralRules(language)
  return Object.assign(fill, {
    language,
    count: (key: CountedKey, count: number, values?: Values): string =>
      fill(`${key}.${plural.select(count) === 'one' ? 'one' : 'other'}`, {
        count: count.toLocaleString(language),
        ...values,
      }),
  })
}

export const TextContext: Context<Text> = createContext(createText('en'))

export function useText(): Text {
  return useContext(TextContext)
}
