// All Russian words of both faces, by namespace; antd's own, and dayjs's months.
import 'dayjs/locale/ru';
import antd from 'antd/locale/ru_RU';
import { byName } from '../app/words';

export const dictionary = byName(import.meta.glob<object>('./ru/*.json', { eager: true, import: 'default' }));
export { antd };
