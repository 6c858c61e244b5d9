// Open sessions, one's own or everybody's, and ending them (S3 2.2.32, figure 82).
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Switch, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Row } from '../api/client';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { useDestructive } from '../parts/acts';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';

type Session = Row<'/api/v1/sessions'>;

/** "Firefox 128, Linux" of what a browser calls itself; programs by their own words. */
export function clientName(agent: string): string {
  const browser = [/(Edg)\/(\d+)/, /(OPR)\/(\d+)/, /(YaBrowser)\/(\d+)/, /(Firefox)\/(\d+)/, /(Chrome)\/(\d+)/, /Version\/(\d+).*(Safari)/].map((form) => form.exec(agent)).find(Boolean);
  if (!browser) return agent || 'Unknown';
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', YaBrowser: 'Яндекс Браузер' };
  const [name, version] = browser[2] === 'Safari' ? ['Safari', browser[1]] : [names[browser[1]] ?? browser[1], browser[2]];
  const system = /Android|iPhone|iPad|Windows|Mac OS|Linux/.exec(agent)?.[0];
  return `${name} ${version}${system ? `, ${system}` : ''}`;
}

export function Sessions() {
  const { t } = useTranslation('settings');
  const may = useMay();
  const client = useQueryClient();
  const destroy = useDestructive();
  const [all, setAll] = useState(false);
  const sessions = useQuery({ queryKey: ['/sessions', all], queryFn: () => api.get<{ items: Session[] }>('/sessions', { all }) });
  const end = (chosen: Session[]) => {
    const others = chosen.filter((session) => !session.current);
    destroy({
      title: t('sessions.endTitle', { count: others.length }), content: t('sessions.endHint'), okText: t('sessions.end'), done: t('sessions.ended'),
      act: async () => {
        try { for (const session of others) await api.delete(`/sessions/${session.id}`); } finally { await client.invalidateQueries({ queryKey: ['/sessions'] }); }
      },
    });
  };
  const columns: Column<Session>[] = [
    ...(all ? [{ key: 'login', title: t('sessions.login'), sortable: true } satisfies Column<Session>] : []),
    { key: 'address', title: t('sessions.address'), sortable: true, render: (session) => <>{session.address} {session.current && <Tag color="blue">{t('sessions.current')}</Tag>}</> },
    { key: 'title', title: t('sessions.client'), sortable: true, text: (session) => clientName(session.title) },
    { key: 'created', title: t('sessions.created'), sortable: true, render: (session) => timeText(session.created) },
    { key: 'seen', title: t('sessions.seen'), sortable: true, render: (session) => timeText(session.seen) },
    { key: 'expires', title: t('sessions.expires'), hidden: true, render: (session) => timeText(session.expires) },
  ];
  return (
    <DataTable<Session> name="sessions" columns={columns} rows={sessions.data?.items ?? []} loading={sessions.isFetching} selectable
      actions={({ rows, clear }) => (
        <>
          <Button danger disabled={!rows.some((session) => !session.current)} onClick={() => { end(rows); clear(); }}>{t('sessions.end')}</Button>
          {may('Read.Users') && <label style={{ display: 'inline-flex', gap: 6, alignItems: 'center' }}><Switch size="small" checked={all} onChange={setAll} aria-label={t('sessions.all')} />{t('sessions.all')}</label>}
        </>
      )}
      menu={(rows) => [{ key: 'end', label: t('sessions.end'), danger: true, disabled: rows.every((session) => session.current), onClick: () => end(rows) }]} />
  );
}
