// The app onto the page, when its words are there.
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { beginI18n } from './i18n';

export async function start() {
  await beginI18n();
  createRoot(document.getElementById('root')!).render(<App />);
}
