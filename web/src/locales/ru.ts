// All Russian words, by namespace.
const files = import.meta.glob<object>('./ru/*.json', { eager: true, import: 'default' });
export const dictionary = Object.fromEntries(Object.entries(files).map(([path, words]) => [path.slice(path.lastIndexOf('/') + 1, -5), words]));
