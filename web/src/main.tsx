// Where the page begins. What the first view needs is asked for at once and together: the app, its words, who is signed in. One
// after the other they would cost a way to the server and back each.
import { setRequestLanguage } from './api/client';
import { askEarly } from './api/who';
import { commonWords, gatewayWords, rememberedLanguage } from './app/words';
import './app/base.css';

const language = rememberedLanguage();
setRequestLanguage(language);
const app = import('./app/start');
void commonWords(language);
askEarly().then((me) => void (me?.face === 'gateway' && gatewayWords(language)), () => {}); // a refusal is told by who asks next
void app.then(({ start }) => start());
