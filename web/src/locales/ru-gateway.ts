// Russian words of the gateway's own pages, by namespace.
import { byName } from '../app/words';

export const dictionary = byName(import.meta.glob<object>('./ru/gateway/*.json', { eager: true, import: 'default' }));
