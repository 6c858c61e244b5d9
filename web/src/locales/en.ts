// All English words, by namespace.
const files = import.meta.glob<object>('./en/*.json', { eager: true, import: 'default' });
export const dictionary = Object.fromEntries(Object.entries(files).map(([path, words]) => [path.slice(path.lastIndexOf('/') + 1, -5), words]));
