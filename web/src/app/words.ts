// The dictionaries as files: one JSON file a subject and language (its name is the namespace), one chunk a language and part.
// The words of the gateway's pages are a part of their own: a head-end's first page need not wait for them.
export type Language = 'ru' | 'en';
export type Dictionary = Record<string, object>;

const common = {
  ru: () => import('../locales/ru'),
  en: () => import('../locales/en'),
};
const gateway = {
  ru: () => import('../locales/ru-gateway'),
  en: () => import('../locales/en-gateway'),
};
const brought = new Map<unknown, Promise<unknown>>();

/** Each chunk is asked for once. One that did not come is asked for again. */
function once<T>(load: () => Promise<T>): Promise<T> {
  const known = brought.get(load) as Promise<T> | undefined;
  if (known) return known;
  const coming = load();
  brought.set(load, coming);
  coming.catch(() => brought.delete(load));
  return coming;
}

export const commonWords = (language: Language) => once(common[language]);
export const gatewayWords = (language: Language) => once(gateway[language]);

/** { './ru/app.json': words } as { app: words }. */
export function byName(files: Record<string, object>): Dictionary {
  return Object.fromEntries(Object.entries(files).map(([path, words]) => [path.slice(path.lastIndexOf('/') + 1, -5), words]));
}

export function rememberedLanguage(): Language {
  const kept = localStorage.getItem('svod.language');
  if (kept === 'ru' || kept === 'en') return kept;
  return navigator.language.startsWith('en') ? 'en' : 'ru';
}
