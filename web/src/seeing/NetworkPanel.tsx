// Parameters of the network as they were last read: by phase in a table, as vectors beside it, everything else below.
import { useQuery } from '@tanstack/react-query';
import { Alert, Empty, Spin } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { timeText, valueText } from '../app/format';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { phaseCode, phasesOf, valueOf, type Latest } from './network';
import { PhasorDiagram } from './PhasorDiagram';
import { Value } from './quality';
import './seeing.css';

/** Rows of the table by phase: C of the sum, and whether the sum has a meaning. */
const lines = [
  { key: 'voltage', c: 12, sum: false }, { key: 'current', c: 11, sum: false }, { key: 'active', c: 1, sum: true }, { key: 'reactive', c: 3, sum: true },
  { key: 'apparent', c: 9, sum: true }, { key: 'cosine', c: 13, sum: true },
] as const;

function ByPhase({ all }: { all: Latest[] }) {
  const { t } = useTranslation('seeing');
  const shown = lines.filter((line) => [0, 1, 2].some((phase) => valueOf(all, phaseCode(line.c, phase)) !== undefined));
  const unitOf = (c: number) => all.find((one) => [0, 1, 2].some((phase) => one.obis === phaseCode(c, phase)))?.unit;
  return (
    <table className="plain-table">
      <thead><tr><th scope="col">{t('network.quantity')}</th>{['A', 'B', 'C'].map((name) => <th key={name} scope="col" className="number">{t('network.phase', { name })}</th>)}<th scope="col" className="number">{t('network.sum')}</th></tr></thead>
      <tbody>
        {shown.map((line) => (
          <tr key={line.key}>
            <th scope="row">{t(`network.${line.key}`)}{unitOf(line.c) ? `, ${unitOf(line.c)}` : ''}</th>
            {[0, 1, 2].map((phase) => <td key={phase} className="number">{valueText(valueOf(all, phaseCode(line.c, phase)))}</td>)}
            <td className="number">{line.sum ? valueText(valueOf(all, `1.0.${line.c}.7.0.255`)) : ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export default function NetworkPanel({ device }: { device: { id: number } }) {
  const { t } = useTranslation('seeing');
  const path = `/devices/${device.id}/latest`;
  const { data, error, isPending } = useQuery({ queryKey: [path], queryFn: ({ signal }) => api.get<{ items: Latest[] }>(path, undefined, signal) });
  if (error) return <Alert type="error" showIcon title={error.message} />;
  if (isPending) return <Spin />;
  const all = data.items.filter((one) => one.archive === 'network');
  if (all.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('network.empty')} />;
  const { phases, assumed } = phasesOf(all);
  const columns: Column<Latest>[] = [
    { key: 'title', title: t('network.quantity'), sortable: true },
    { key: 'value', title: t('network.value'), number: true, text: (row) => Number(row.value ?? NaN), render: (row) => <Value value={row.value} quality={row.quality} /> },
    { key: 'unit', title: t('network.unit') },
    { key: 'time', title: t('network.time'), render: (row) => timeText(row.time) },
    { key: 'obis', title: 'OBIS' },
  ];
  return (
    <div className="page" style={{ padding: 0 }}>
      <div style={{ color: 'var(--svod-color-text-secondary)' }}>{t('network.readAt', { time: timeText(all[0].time) })}</div>
      {phases.length > 0 && (
        <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(340px, 100%), 1fr))', gap: 12 }}>
          <div className="panel" style={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label={t('tab.network')}><ByPhase all={all} /></div>
          {phases.length > 1 && (
            <div className="panel">
              <PhasorDiagram phases={phases} />
              <div style={{ color: 'var(--svod-color-text-secondary)', fontSize: 13, textAlign: 'center' }}>{t(assumed ? 'network.assumed' : 'network.hint')}</div>
            </div>
          )}
        </div>
      )}
      <DataTable<Latest> name="network" prefix="n." rows={all} rowKey={(row) => row.obis} columns={columns} searchable={false} />
    </div>
  );
}
