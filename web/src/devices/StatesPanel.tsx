// States of one device: as they are, or how they changed (S3 3.4).
import { useQuery } from '@tanstack/react-query';
import { Alert, Empty, Segmented } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { timeText, valueText, zoneText } from '../app/format';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { PeriodChoice, usePeriod } from './period';
import type { OpenDevice } from './registry';

type MeterState = Answer<'/api/v1/devices/{id}/states'>['items'][number];

export default function StatesPanel({ device }: { device: OpenDevice }) {
  const { t } = useTranslation('devices');
  const [history, setHistory] = useState(false);
  const { period, from, setPeriod } = usePeriod('month');
  const path = `/devices/${device.id}/states`;
  const query = history ? { history, from } : {};
  const { data, error, isPending } = useQuery({ queryKey: [path, query], queryFn: () => api.get<{ items: MeterState[] }>(path, query) });
  const rows = useMemo(() => data?.items.map((state, i) => ({ ...state, key: i })) ?? [], [data]);
  const columns: Column<MeterState & { key: number }>[] = [
    { key: 'archive_title', title: t('states.archive'), sortable: true, filter: [...new Set(rows.map((state) => state.archive_title))].map((title) => ({ value: title, label: title })) },
    { key: 'title', title: t('states.title'), sortable: true },
    { key: 'value', title: t('states.value'), sortable: true, render: (state) => state.value_text || valueText(state.value) },
    { key: 'time', title: `${t('states.time')} (${zoneText(device.zone_minutes)})`, sortable: true, render: (state) => timeText(state.time), text: (state) => state.time },
    { key: 'obis', title: t('states.obis'), sortable: true, render: (state) => <span className="mono">{state.obis}</span> },
    { key: 'own', title: t('states.by'), text: (state) => t(state.own ? 'states.collector' : 'states.meter'), filter: [{ value: 'false', label: t('states.meter') }, { value: 'true', label: t('states.collector') }] },
  ];
  if (error) return <Alert type="error" showIcon title={error.message} />;
  return (
    <DataTable name="device-states" prefix="st." rows={rows} rowKey={(state) => state.key} loading={isPending} columns={columns}
      actions={() => (
        <>
          <Segmented size="small" aria-label={t('tab.states')} value={history} onChange={setHistory} options={[{ value: false, label: t('states.now') }, { value: true, label: t('states.history') }]} />
          {history && <PeriodChoice value={period} onChange={setPeriod} />}
        </>
      )}
      empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('states.empty')} />} />
  );
}
