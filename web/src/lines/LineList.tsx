// All lines at once: who is on each, how busy it is, whether its plan fits the period.
import { useQuery } from '@tanstack/react-query';
import { Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { api } from '../api/client';
import { durationText } from '../app/format';
import { PageFrame } from '../parts/page';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { Fit, HolderNow, linePath, linesPath, useLineNews, type Life } from './life';
import { Period } from './Period';

export default function LineList() {
  const { t } = useTranslation('lines');
  const navigate = useNavigate();
  const lines = useQuery({ queryKey: [linesPath], queryFn: () => api.get<{ items: Life[] }>(linesPath, { size: 1000 }) });
  useLineNews();
  const columns: Column<Life>[] = [
    { key: 'interface', title: t('interface'), sortable: true, number: true, text: (line) => (line.interface ? String(line.interface) : '—') },
    { key: 'title', title: t('line'), sortable: true, render: (line) => <Link to={linePath(line.id)}>{line.title}</Link> },
    { key: 'holder', title: t('holder'), render: (line) => <HolderNow holder={line.holder} /> },
    { key: 'devices', title: t('devices'), number: true, sortable: true },
    { key: 'use_percent', title: t('usePercent'), number: true, text: (line) => (line.cycle ? `${line.cycle.use_percent}\u00a0%` : '—') },
    { key: 'cycle', title: t('cycleTime'), number: true, text: (line) => (line.cycle ? durationText(line.cycle.ms) : '—') },
    { key: 'timeouts', title: t('timeouts'), number: true, text: (line) => (line.cycle ? String(line.cycle.timeouts) : '—') },
    { key: 'fit', title: t('plan'), render: (line) => <Fit life={line} /> },
    { key: 'uri', title: t('where'), hidden: true, render: (line) => <span className="mono">{line.uri}</span> },
  ];
  return (
    <PageFrame title={t('title')}>
      <Period />
      <DataTable<Life> name="lines" columns={columns} rows={lines.data?.items ?? []} loading={lines.isPending} onOpen={(line) => void navigate(linePath(line.id))}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={<>{t('empty')} <Link to="/links">{t('emptyLink')}</Link></>} />} />
    </PageFrame>
  );
}
