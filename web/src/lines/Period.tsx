// «Период опроса приборов» (S4 12.1): how often what all devices owe is asked for; whether lines keep up is told by it.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { durationText, timeText } from '../app/format';
import { useAct } from '../parts/acts';
import { linesPath } from './life';

type Collection = Answer<'/api/v1/collection'>;

const path = '/collection';
const usual = [1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440];

export function Period() {
  const { t } = useTranslation('lines');
  const may = useMay();
  const act = useAct();
  const client = useQueryClient();
  const { data } = useQuery({ queryKey: [path], queryFn: () => api.get<Collection>(path), refetchInterval: 30_000 });
  if (!data) return null;
  const choices = usual.includes(data.every_minutes) || !data.every_minutes ? usual : [...usual, data.every_minutes].sort((a, b) => a - b);
  const write = (minutes: number) => act(async () => {
    client.setQueryData([path], await api.put<Collection>('/collection/schedule', { every_minutes: minutes }));
    await client.invalidateQueries({ queryKey: [linesPath] });
  }, t('period.written'));
  return (
    <div className="toolbar">
      <label htmlFor="collect-every">{t('period.title')}</label>
      <Select id="collect-every" value={data.every_minutes} disabled={!may('Write.DataCollection.Job')} style={{ minWidth: 150 }} popupMatchSelectWidth={false} onChange={(minutes) => void write(minutes)}
        options={[{ value: 0, label: t('period.none') }, ...choices.map((minutes) => ({ value: minutes, label: durationText(minutes * 60_000) }))]} />
      <span className="quiet">{data.every_minutes && data.next ? t('period.next', { time: timeText(data.next) }) : t('period.hint')}</span>
    </div>
  );
}
