// Hour files on the memory card (S4 24.2): days, their files, downloads; how long they stay.
import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Empty, Flex, Form, InputNumber, Spin, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, type Answer, type Row } from '../api/client';
import { useMay } from '../api/session';
import { bytesText, countText, timeText } from '../app/format';
import { useAct } from '../parts/acts';
import { SaveForm } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { State } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { useSeenForm } from './seenForm';

type Settings = Answer<'/api/v1/files'>;
type Words = Pick<Settings, 'on' | 'days' | 'mib'>;
type Day = Row<'/api/v1/files/days'>;
type HourFile = Row<'/api/v1/files/days/{day}'>;

function FilesForm({ settings }: { settings: Settings }) {
  const { t } = useTranslation('files');
  const may = useMay();
  const pick = ({ on, days, mib }: Settings): Words => ({ on, days, mib });
  const { form, save } = useSeenForm<Settings>('/files', settings, pick, (field) => t(`field.${field}`));
  const required = [{ required: true, message: t('app:required') }];
  return (
    <SaveForm<Words> form={form} save={save} initialValues={pick(settings)} disabled={!may('Write.HesConfig')}>
      <Flex wrap gap="0 24px">
        <Form.Item name="on" label={t('field.on')} valuePropName="checked"><Switch /></Form.Item>
        <Form.Item name="days" label={t('field.days')} rules={required}><InputNumber min={1} max={3660} precision={0} /></Form.Item>
        <Form.Item name="mib" label={t('field.mib')} rules={required}><InputNumber min={1} max={1048576} precision={0} /></Form.Item>
      </Flex>
    </SaveForm>
  );
}

function DayFiles({ day }: { day: string }) {
  const { t } = useTranslation('files');
  const act = useAct();
  const { data, error, isPending } = useQuery({ queryKey: ['/files/days', day], queryFn: () => api.get<{ items: HourFile[] }>(`/files/days/${day}`) });
  const save = (file: HourFile) => void act(() => api.download(`/files/${file.id}/content`));
  const columns: Column<HourFile>[] = [
    { key: 'path', title: t('files.file'), sortable: true, render: (file) => <Button type="link" size="small" style={{ padding: 0, height: 'auto' }} onClick={() => save(file)}><span className="mono">{file.path}</span></Button> },
    { key: 'rows', title: t('files.rows'), number: true, render: (file) => countText(file.rows) },
    { key: 'size', title: t('files.size'), number: true, render: (file) => bytesText(file.size) },
    { key: 'made', title: t('files.made'), render: (file) => timeText(file.made) },
    { key: 'sent', title: t('files.sent'), text: (file) => file.sent.filter(Boolean).join(' '), render: (file) => {
      const sent = (file.sent as (string | null)[]).map((time, i) => (time ? t('files.sentTo', { server: i + 1, time: timeText(time) }) : '')).filter(Boolean);
      return sent.length ? sent.map((words) => <div key={words}>{words}</div>) : <span className="quiet">—</span>;
    } },
  ];
  if (error) return <Alert type="error" showIcon title={error.message} />;
  return <DataTable<HourFile> name="hour-files" rows={data?.items ?? []} loading={isPending} columns={columns} searchable={false} prefix={`d${day}`} dense />;
}

export default function FilesPage() {
  const { t } = useTranslation('files');
  const act = useAct();
  const { data: settings, error } = useQuery({ queryKey: ['/files'], queryFn: () => api.get<Settings>('/files'), refetchInterval: 10_000 });
  const { data: days, isPending } = useQuery({ queryKey: ['/files/days'], queryFn: () => api.get<{ items: Day[] }>('/files/days'), refetchInterval: 10_000 });
  const columns: Column<Day>[] = [
    { key: 'day', title: t('files.day'), sortable: true },
    { key: 'files', title: t('files.files'), number: true, render: (day) => countText(day.files) },
    { key: 'rows', title: t('files.rows'), number: true, render: (day) => countText(day.rows) },
    { key: 'size', title: t('files.size'), number: true, render: (day) => bytesText(day.size) },
    { key: 'waiting', title: t('files.waiting'), number: true, render: (day) => countText(day.waiting) },
    { key: 'download', title: t('files.whole'), render: (day) => <Button type="text" size="small" icon={<DownloadOutlined />} aria-label={t('files.download', { day: day.day })} onClick={() => void act(() => api.download(`/files/days/${day.day}/content`))} /> },
  ];
  return (
    <PageFrame title={t('files.title')}>
      {error && <Alert type="error" showIcon title={error.message} />}
      {!settings ? !error && <Spin /> : (
        <div className="panel">
          <State kind={settings.trouble ? 'failed' : settings.writing ? 'ok' : 'never'}>{t(settings.trouble ? 'files.failed' : settings.writing ? 'files.writing' : 'files.off')}</State>
          {settings.trouble && <div className="quiet">{settings.trouble}</div>}
          <p className="quiet" style={{ overflowWrap: 'anywhere' }}>{t('files.onCard', { count: settings.files, size: bytesText(settings.size) })} <span className="mono">{settings.folder}</span></p>
          {settings.dropped > 0 && <Alert type="warning" showIcon title={t('files.dropped', { count: settings.dropped })} />}
          <FilesForm settings={settings} />
        </div>
      )}
      <DataTable<Day> name="hour-days" rows={days?.items ?? []} rowKey={(day) => day.day} loading={isPending} columns={columns} searchable={false} expand={(day) => <DayFiles day={day.day} />}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('files.empty')} />} />
    </PageFrame>
  );
}
