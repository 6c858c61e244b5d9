// Where the page begins: words first, then the app.
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { beginI18n } from './app/i18n';
import './app/base.css';

void beginI18n().then(() => createRoot(document.getElementById('root')!).render(<App />));
