// Dictionaries: one JSON file a subject and language (its name is the namespace), one lazily loaded chunk a language.
// Plural forms are i18next's: "meters_one", "meters_few", "meters_many" in Russian, "_one", "_other" in English.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { setRequestLanguage } from '../api/client';

export const languages = ['ru', 'en'] as const;
export type Language = (typeof languages)[number];

const load: Record<Language, () => Promise<{ dictionary: Record<string, object> }>> = {
  ru: () => import('../locales/ru'),
  en: () => import('../locales/en'),
};

export function rememberedLanguage(): Language {
  const kept = localStorage.getItem('svod.language');
  if (kept === 'ru' || kept === 'en') return kept;
  return navigator.language.startsWith('en') ? 'en' : 'ru';
}

async function bring(language: Language) {
  if (i18next.hasResourceBundle(language, 'app')) return;
  const { dictionary } = await load[language]();
  for (const [namespace, words] of Object.entries(dictionary)) i18next.addResourceBundle(language, namespace, words);
}

export async function changeLanguage(language: Language) {
  await bring(language);
  localStorage.setItem('svod.language', language);
  setRequestLanguage(language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

export async function beginI18n() {
  await i18next.use(initReactI18next).init({
    lng: rememberedLanguage(), fallbackLng: false, defaultNS: 'app', resources: {}, interpolation: { escapeValue: false }, returnNull: false,
  });
  await changeLanguage(rememberedLanguage());
}

export function currentLanguage(): Language {
  return i18next.language === 'en' ? 'en' : 'ru';
}
