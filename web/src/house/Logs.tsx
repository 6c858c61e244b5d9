// The services' own log lines (S3 2.2.31).
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

type Line = Row<'/api/v1/log/system'>;

const services = ['collection', 'http', 'database', 'mail', 'people', 'server'];

export default function Logs() {
  const { t } = useTranslation('house');
  const may = useMay();
  const [period] = usePeriod();
  const [opened, setOpened] = useState<Line>();
  const service = (line: Line) => (services.includes(line.service) ? t(`service.${line.service}`) : line.service);
  const columns: Column<Line>[] = [
    { key: 'time', title: t('logs.time'), render: (line) => <Typography.Link onClick={() => setOpened(line)}>{timeText(line.time)}</Typography.Link> },
    { key: 'level', title: t('logs.level'), render: (line) => <Level level={line.level} />, filter: ['error', 'warning', 'info'].map((value) => ({ value, label: t(`level.andWorse.${value}`) })) },
    { key: 'service', title: t('logs.service'), render: service, filter: services.map((value) => ({ value, label: t(`service.${value}`) })) },
    { key: 'event', title: t('logs.event'), render: (line) => <span className="mono">{line.event}</span> },
    { key: 'details', title: t('logs.message'), render: (line) => <span className="mono">{line.details}</span> },
  ];
  return (
    <PageFrame title={t('logs.title')} actions={may('Delete.Logs.Debug') && <ClearBefore path="/log/system" />}>
      <DataTable<Line> name="logs" path="/log/system" query={period} columns={columns} onOpen={setOpened} actions={() => <Period />}
        exports={[{ key: 'csv', label: 'CSV', run: (query) => api.download('/log/system.csv', query) }]} />
      <Drawer open={!!opened} onClose={() => setOpened(undefined)} title={t('details')} size={560}>
        {opened && <Descriptions column={1} size="small" bordered items={[
          { key: 'id', label: t('logs.number'), children: opened.id },
          { key: 'service', label: t('logs.service'), children: service(opened) },
          { key: 'time', label: t('logs.time'), children: timeText(opened.time) },
          { key: 'level', label: t('logs.level'), children: <Level level={opened.level} /> },
          { key: 'event', label: t('logs.event'), children: <span className="mono">{opened.event}</span> },
          { key: 'details', label: t('logs.message'), children: <span className="mono" style={{ wordBreak: 'break-word' }}>{opened.details || '—'}</span> },
        ]} />}
      </Drawer>
    </PageFrame>
  );
}
