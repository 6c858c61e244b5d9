// The log of what was done, general or security (S3 2.2.20): filtered, each record with its details, as CSV.
import { useQuery } from '@tanstack/react-query';
import { Descriptions, Drawer, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Row } from '../api/client';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { PageFrame } from '../parts/page';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { ClearBefore } from './ClearBefore';
import { Level } from './level';
import { Period, usePeriod } from './Period';

type Record_ = Row<'/api/v1/log/general'> & { before?: unknown; after?: unknown };
type Kind = Row<'/api/v1/log/kinds'>;
type Values = Record<string, unknown>;

const asValues = (part: unknown): Values => (part && typeof part === 'object' && !Array.isArray(part) ? (part as Values) : part === null || part === undefined ? {} : { '': part });
const word = (value: unknown) => (value === undefined ? '—' : typeof value === 'object' ? JSON.stringify(value) : String(value));

/** What it was and what it became, field by field. */
function Changes({ record }: { record: Record_ }) {
  const { t } = useTranslation('house');
  const before = asValues(record.before), after = asValues(record.after);
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  if (names.length === 0) return null;
  return (
    <table className="grid" style={{ width: '100%', marginTop: 16 }}>
      <thead><tr><th scope="col">{t('events.field')}</th><th scope="col">{t('events.before')}</th><th scope="col">{t('events.after')}</th></tr></thead>
      <tbody>{names.map((name) => <tr key={name}><th scope="row" className="mono">{name || '·'}</th><td className="mono">{word(before[name])}</td><td className="mono">{word(after[name])}</td></tr>)}</tbody>
    </table>
  );
}

function useParameters() {
  const { t } = useTranslation('house');
  return (record: Record_) => [
    record.login && t('events.user', { login: record.login }), record.address && t('events.address', { address: record.address }), record.object && record.object !== record.login && record.object,
  ].filter(Boolean).join('; ');
}

export function Events({ security }: { security: boolean }) {
  const { t } = useTranslation('house');
  const may = useMay();
  const parameters = useParameters();
  const [period] = usePeriod();
  const [opened, setOpened] = useState<Record_>();
  const path = security ? '/log/security' : '/log/general';
  const kinds = useQuery({ queryKey: ['/log/kinds'], queryFn: () => api.get<{ items: Kind[] }>('/log/kinds'), staleTime: Infinity });
  const columns: Column<Record_>[] = [
    {
      key: 'kind', title: t('events.kind'), render: (record) => <Typography.Link onClick={() => setOpened(record)}>{record.title}</Typography.Link>,
      filter: kinds.data?.items.filter((kind) => kind.security === security).map((kind) => ({ value: kind.kind, label: kind.title })),
    },
    { key: 'level', title: t('events.level'), render: (record) => <Level level={record.level} />, filter: ['warning', 'error'].map((value) => ({ value, label: t(`level.andWorse.${value}`) })) },
    { key: 'time', title: t('events.time'), render: (record) => timeText(record.time) },
    { key: 'parameters', title: t('events.parameters'), text: parameters },
    { key: 'code', title: t('events.code'), hidden: true, render: (record) => <span className="mono">{record.kind}</span> },
  ];
  return (
    <PageFrame title={t(security ? 'events.security' : 'events.general')} actions={may(security ? 'Delete.Logs.Secure' : 'Delete.Logs.Common') && <ClearBefore path={path} />}>
      <DataTable<Record_> name={security ? 'events-security' : 'events-general'} path={path} query={period} columns={columns} onOpen={setOpened} actions={() => <Period />}
        exports={[{ key: 'csv', label: 'CSV', run: (query) => api.download(`${path}.csv`, query) }]} />
      <Drawer open={!!opened} onClose={() => setOpened(undefined)} title={t('details')} size={560}>
        {opened && (
          <>
            <Descriptions column={1} size="small" bordered items={[
              { key: 'kind', label: t('events.kind'), children: <>{opened.title} <span className="mono">{opened.kind}</span></> },
              { key: 'time', label: t('events.time'), children: timeText(opened.time) },
              { key: 'level', label: t('events.level'), children: <Level level={opened.level} /> },
              { key: 'login', label: t('events.who'), children: opened.login || t('events.system') },
              { key: 'address', label: t('events.from'), children: opened.address || '—' },
              { key: 'object', label: t('events.object'), children: opened.object || '—' },
              { key: 'id', label: t('events.number'), children: opened.id },
            ]} />
            <Changes record={opened} />
          </>
        )}
      </Drawer>
    </PageFrame>
  );
}
