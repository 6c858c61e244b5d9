// All English words of both faces, by namespace; antd's own, and dayjs's months.
import antd from 'antd/locale/en_US';
import { byName } from '../app/words';

export const dictionary = byName(import.meta.glob<object>('./en/*.json', { eager: true, import: 'default' }));
export { antd };
