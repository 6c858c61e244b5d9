// Two people edited the same row: what the other one wrote is shown, and the person decides.
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client';

type Values = Record<string, unknown>;

/** One field as words: a list by its members, nothing as a dash. */
function word(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * Sends a change with the revision that was seen. When somebody was faster it asks: write mine over it, or leave it. Rejects with
 * the refusal when the person leaves it.
 */
export function useSaveOver() {
  const { modal } = App.useApp();
  const { t } = useTranslation('app');
  return async function saveOver<R extends { revision: number }>(seen: R, mine: Values, send: (revision: number) => Promise<unknown>, fresh: () => Promise<R>) {
    try {
      return await send(seen.revision);
    } catch (e) {
      if (!(e instanceof ApiError) || e.code !== 'changed') throw e;
      const now = (await fresh()) as R & Values, before = seen as R & Values;
      const moved = Object.keys(now).filter((key) => key !== 'revision' && JSON.stringify(now[key]) !== JSON.stringify(before[key]));
      const agreed = await new Promise<boolean>((done) => void modal.confirm({
        title: t('changed.title'),
        content: (
          <>
            <p>{t('changed.hint')}</p>
            <ul>{moved.map((key) => <li key={key}><span className="mono">{key}</span>: {word(before[key])} → <b>{word(now[key])}</b>{key in mine && mine[key] !== now[key] ? ` (${t('changed.mine')}: ${word(mine[key])})` : ''}</li>)}</ul>
          </>
        ),
        okText: t('changed.over'), cancelText: t('changed.leave'), onOk: () => done(true), onCancel: () => done(false),
      }));
      if (!agreed) throw e;
      return await send(now.revision);
    }
  };
}
