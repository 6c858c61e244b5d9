// The language of the app. Plural forms are i18next's: "meters_one", "meters_few", "meters_many" in Russian, "_one", "_other" in English.
import dayjs from 'dayjs';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { setRequestLanguage } from '../api/client';
import { commonWords, gatewayWords, rememberedLanguage, type Dictionary, type Language } from './words';

const antdWords: Partial<Record<Language, object>> = {};
let gatewayWanted = false;

function add(language: Language, dictionary: Dictionary) {
  for (const [namespace, words] of Object.entries(dictionary)) i18next.addResourceBundle(language, namespace, words);
}

async function bring(language: Language) {
  const [own, gateway] = await Promise.all([commonWords(language), gatewayWanted ? gatewayWords(language) : undefined]);
  antdWords[language] = own.antd;
  add(language, own.dictionary);
  if (gateway) add(language, gateway.dictionary);
}

export async function changeLanguage(language: Language) {
  await bring(language);
  localStorage.setItem('svod.language', language);
  setRequestLanguage(language);
  document.documentElement.lang = language;
  dayjs.locale(language);
  await i18next.changeLanguage(language);
}

export async function beginI18n() {
  await i18next.use(initReactI18next).init({
    lng: rememberedLanguage(), fallbackLng: false, defaultNS: 'app', resources: {}, interpolation: { escapeValue: false }, returnNull: false,
  });
  await changeLanguage(rememberedLanguage());
}

let gatewayKnown: Promise<void> | undefined;
/** The words of the gateway's pages are there when this is kept, from now on in every language; the same promise each time. */
export function knowGatewayWords(): Promise<void> {
  gatewayWanted = true;
  return (gatewayKnown ??= bring(currentLanguage()));
}

export function currentLanguage(): Language {
  return i18next.language === 'en' ? 'en' : 'ru';
}

/** antd's own words in the language of the page. */
export const currentAntdWords = () => antdWords[currentLanguage()];
