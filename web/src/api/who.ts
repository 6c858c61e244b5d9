// Who is signed in. It is asked at once, while the app itself is still on its way.
import { api, ApiError, setCsrf, type Answer } from './client';

export type Me = Answer<'/api/v1/session'>;

// Whether somebody has signed in here: a stranger's first page need not ask the server to be refused.
const hint = 'svod.signed-in';

async function ask(): Promise<Me | null> {
  if (!localStorage.getItem(hint)) return null;
  try {
    const me = await api.get<Me>('/session');
    setCsrf(me.csrf);
    return me;
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) return null;
    throw e;
  }
}

let early: Promise<Me | null> | undefined;

/** The question that whoAmI will find answered. */
export function askEarly(): Promise<Me | null> {
  early = ask();
  early.catch(() => {}); // whoAmI tells it
  return early;
}

/** null: nobody. */
export function whoAmI(): Promise<Me | null> {
  const answer = early ?? ask();
  early = undefined;
  return answer;
}

/** Somebody has signed in here, or left (null). */
export function remember(me: Me | null) {
  setCsrf(me?.csrf ?? '');
  if (me) localStorage.setItem(hint, '1');
  else localStorage.removeItem(hint);
}
