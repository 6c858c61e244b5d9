// Commands a device was given: by whom, when, what came of them (S3 3.4 step 7).
import { Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { timeText } from '../app/format';
import type { Column } from '../parts/table/columns';
import { DataTable } from '../parts/table/DataTable';
import { Result } from './parts';
import type { Command, Run, RunResult } from './types';

interface Given {
  run: number;
  kind: Command['kind'];
  relay: number;
  text: string;
  login: string;
  begun: string | null;
  ended: string | null;
  cause: Run['cause'];
  initiator: string;
  result: RunResult;
  note: string;
  reason: string;
}

export default function CommandHistory({ device }: { device: { id: number } }) {
  const { t } = useTranslation('collection');
  const columns: Column<Given>[] = [
    { key: 'text', title: t('commands.function') },
    { key: 'login', title: t('user'), render: (row) => row.login || t('bySchedule') },
    { key: 'begun', title: t('begun'), render: (row) => <Link to={`/runs/${row.run}`}>{timeText(row.begun)}</Link> },
    { key: 'ended', title: t('ended'), render: (row) => timeText(row.ended) },
    { key: 'cause', title: t('cause'), render: (row) => t(`causes.${row.cause}`) },
    { key: 'result', title: t('result.title'), render: (row) => <Result result={row.result} /> },
    { key: 'note', title: t('note'), render: (row) => <div style={{ maxWidth: 380, whiteSpace: 'normal' }}>{row.note || '—'}</div> },
    { key: 'reason', title: t('reason') },
  ];
  return <DataTable<Given> name="device-commands" prefix="h." path={`/devices/${device.id}/commands`} rowKey={(row) => `${row.run}:${row.kind}:${row.relay}`} columns={columns} searchable={false}
    empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('commands.empty')} />} />;
}
