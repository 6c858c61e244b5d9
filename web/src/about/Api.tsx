// The API described from its own description: groups, fields, permissions; GETs can be tried with one's session.
import { DownloadOutlined, LockOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Collapse, Input, Spin, Tag, Typography } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { address, api } from '../api/client';
import { useMay } from '../api/session';
import { currentLanguage } from '../app/i18n';
import { PageFrame } from '../parts/page';
import { groupOf, rangeText, readDescription, resolve, typeText, type Description, type Operation, type Schema } from './openapi';
import { TryOut } from './TryOut';

interface FieldRow {
  name: string;
  field: Schema;
  required: boolean;
  depth: number;
}

/** Fields of a body or an answer, those of lists and objects within after them, a step further in. */
function fieldRows(schema: Schema | undefined, schemas: Description['schemas'], depth = 0): FieldRow[] {
  const whole = resolve(schema, schemas);
  if (!whole?.properties || depth > 3) return [];
  return Object.entries(whole.properties).flatMap(([name, field]) => [
    { name, field, required: whole.required?.includes(name) ?? false, depth }, ...fieldRows(field.items ?? field, schemas, depth + 1),
  ]);
}

function Fields({ schema, schemas }: { schema?: Schema; schemas: Description['schemas'] }) {
  const { t } = useTranslation('about');
  const rows = fieldRows(schema, schemas);
  if (rows.length === 0) return null;
  return (
    <table className="grid" style={{ width: '100%' }}>
      <thead><tr><th scope="col">{t('api.field')}</th><th scope="col">{t('api.type')}</th><th scope="col">{t('api.range')}</th><th scope="col">{t('api.meaning')}</th></tr></thead>
      <tbody>
        {rows.map(({ name, field, required, depth }, i) => (
          <tr key={i}>
            <th scope="row" className="mono" style={{ paddingLeft: depth * 16 }}>{name}{required && <b title={t('api.required')}> *</b>}</th>
            <td className="mono">{typeText(field)}</td><td className="mono">{rangeText(field)}</td><td>{field.description}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function OperationView({ operation, schemas }: { operation: Operation; schemas: Description['schemas'] }) {
  const { t } = useTranslation('about');
  const parameters: Schema = { properties: Object.fromEntries(operation.parameters.map((p) => [p.name, p.schema])), required: operation.parameters.filter((p) => p.required).map((p) => p.name) };
  return (
    <div style={{ display: 'flex', flexDirection: 'column', gap: 10, overflowX: 'auto' }}>
      <span><LockOutlined /> {operation.permission === 'anybody' ? t('api.anybody') : operation.permission === 'signed-in' ? t('api.signedIn') : <>{t('api.permission')} <span className="mono">{operation.permission}</span></>}</span>
      {operation.method === 'GET' && operation.produces !== 'text/event-stream' && <TryOut operation={operation} />}
      {operation.parameters.length > 0 && <section><Typography.Text strong>{t('api.parameters')}</Typography.Text><Fields schema={parameters} schemas={schemas} /></section>}
      {operation.body && <section><Typography.Text strong>{t('api.body')}</Typography.Text><Fields schema={operation.body} schemas={schemas} /></section>}
      <section><Typography.Text strong>{t('api.answer')}</Typography.Text> <span className="mono">{operation.produces}</span><Fields schema={operation.answer} schemas={schemas} /></section>
    </div>
  );
}

export default function Api() {
  const { t } = useTranslation('about');
  const may = useMay();
  const [words, setWords] = useSearchParams();
  const [search, setSearch] = useState(words.get('search') ?? '');
  const raw = useQuery({ queryKey: ['/openapi.json', currentLanguage()], queryFn: () => api.get('/openapi.json'), staleTime: Infinity });
  const description = useMemo(() => (raw.data ? readDescription(raw.data as Parameters<typeof readDescription>[0]) : undefined), [raw.data]);
  const sought = search.toLowerCase();
  const found = description?.operations.filter((o) => `${o.method} ${o.path} ${o.summary} ${o.permission}`.toLowerCase().includes(sought)) ?? [];
  const groups = [...new Set(found.map(groupOf))].sort();
  const mine = (operation: Operation) => ['anybody', 'signed-in'].includes(operation.permission) || may(operation.permission);
  const row = (operation: Operation) => ({
    key: `${operation.method} ${operation.path}`,
    label: (
      <span style={{ display: 'inline-flex', flexWrap: 'wrap', gap: '2px 8px', alignItems: 'baseline', opacity: 1 }}>
        <Tag className="mono" style={{ width: 64, textAlign: 'center', margin: 0 }}>{operation.method}</Tag>
        <span className="mono" style={{ overflowWrap: 'anywhere' }}>{operation.path}</span><span style={{ overflowWrap: 'anywhere' }}>{operation.summary}</span>{!mine(operation) && <Tag icon={<LockOutlined />}>{t('api.notMine')}</Tag>}
      </span>
    ),
    children: <OperationView operation={operation} schemas={description!.schemas} />,
  });
  return (
    <PageFrame title={t('api.title')} actions={<a href={address('/openapi.json')} download="svod-openapi.json"><Button icon={<DownloadOutlined />} tabIndex={-1}>openapi.json</Button></a>}>
      <Typography.Text type="secondary">{t('api.hint')}</Typography.Text>
      <Input.Search allowClear value={search} placeholder={t('app:table.search')} aria-label={t('app:table.search')} style={{ maxWidth: 420 }}
        onChange={(e) => { setSearch(e.target.value); setWords(e.target.value ? { search: e.target.value } : {}, { replace: true }); }} />
      {raw.isPending && <Spin />}
      {raw.error && <Alert type="error" showIcon title={raw.error.message} />}
      {description && found.length === 0 && <Typography.Text>{t('app:table.nothingFound')}</Typography.Text>}
      {groups.map((group) => (
        <section key={group} aria-label={group}>
          <Typography.Title level={2} style={{ fontSize: 16, margin: '4px 0 8px' }} className="mono">{group}</Typography.Title>
          <Collapse size="small" destroyOnHidden items={found.filter((operation) => groupOf(operation) === group).map(row)} />
        </section>
      ))}
    </PageFrame>
  );
}
