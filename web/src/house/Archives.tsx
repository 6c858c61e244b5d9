// How archives are kept: of measurements, events, states and the system's own logs (S3 2.2.29).
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Form, Input, InputNumber, Switch, Tag, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Row } from '../api/client';
import { useMay } from '../api/session';
import { useCarefulSave } from '../parts/changed';
import { FormDialog } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { State } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { PageTabs } from '../parts/tabs';

type Archive = Row<'/api/v1/archives'>;
type Words = Pick<Archive, 'title' | 'active' | 'days' | 'forever'>;

const kinds = ['measurement', 'event', 'state', 'log'] as const;

function EditArchive({ archive, onClose }: { archive: Archive; onClose: () => void }) {
  const { t } = useTranslation('house');
  const { modal } = App.useApp();
  const client = useQueryClient();
  const careful = useCarefulSave();
  const [form] = Form.useForm<Words>();
  const forever = Form.useWatch('forever', form) ?? archive.forever;
  const agreed = (words: Words) => {
    const shorter = !words.forever && (archive.forever || words.days < archive.days);
    return !shorter || new Promise<boolean>((done) => void modal.confirm({
      title: t('archives.shorterTitle', { count: words.days }), content: t('archives.shorterHint'), okText: t('app:save'), okButtonProps: { danger: true }, cancelText: t('app:cancel'),
      onOk: () => done(true), onCancel: () => done(false),
    }));
  };
  const save = async (words: Words) => {
    if (!(await agreed(words))) throw new Error(t('archives.notSaved'));
    const usual = words.title === archive.usual_title && archive.title !== archive.usual_title;
    const change = { ...words, title: usual ? '' : words.title };
    await careful<Archive>({
      seen: archive, mine: change, form, patch: (fields) => api.patch(`/archives/${archive.name}`, fields), label: (field) => t(`archives.${field === 'title' ? 'name' : field}`),
      fresh: async () => (await api.get<{ items: Archive[] }>('/archives')).items.find((one) => one.name === archive.name)!,
    });
    await client.invalidateQueries({ queryKey: ['/archives'] });
  };
  return (
    <FormDialog<Words> open title={archive.title} onClose={onClose} form={form} save={save} initialValues={archive}>
      <Form.Item name="title" label={t('archives.name')} extra={t('archives.usual', { title: archive.usual_title })}><Input maxLength={100} /></Form.Item>
      <Form.Item name="active" label={t('archives.active')} valuePropName="checked" extra={t(archive.kind === 'log' ? 'archives.activeLog' : 'archives.activeHint')}><Switch disabled={archive.kind === 'log'} /></Form.Item>
      <Form.Item name="forever" label={t('archives.forever')} valuePropName="checked"><Switch /></Form.Item>
      <Form.Item name="days" label={t('archives.days')} extra={t('archives.daysHint')} rules={[{ required: true, message: t('app:required') }]}>
        <InputNumber min={1} max={36600} precision={0} disabled={forever} style={{ width: 160 }} suffix={t('archives.daysUnit')} />
      </Form.Item>
    </FormDialog>
  );
}

export default function Archives() {
  const { t } = useTranslation('house');
  const may = useMay();
  const archives = useQuery({ queryKey: ['/archives'], queryFn: () => api.get<{ items: Archive[] }>('/archives') });
  const [edited, setEdited] = useState<Archive>();
  const open = (archive: Archive) => may('Write.Datastore.Archive') && setEdited(archive);
  const columns: Column<Archive>[] = [
    { key: 'title', title: t('archives.name'), sortable: true, render: (archive) => (may('Write.Datastore.Archive') ? <Typography.Link onClick={() => open(archive)}>{archive.title}</Typography.Link> : archive.title) },
    { key: 'active', title: t('archives.active'), sortable: true, text: (archive) => (archive.active ? 0 : 1), render: (archive) => <State kind={archive.active ? 'ok' : 'never'}>{archive.active ? t('app:yes') : t('app:no')}</State> },
    { key: 'default', title: t('archives.default'), render: (archive) => archive.default && <Tag>{t('app:yes')}</Tag> },
    { key: 'days', title: t('archives.depth'), number: true, sortable: true, text: (archive) => (archive.forever ? Infinity : archive.days), render: (archive) => (archive.forever ? '∞' : t('archives.depthDays', { count: archive.days })) },
    { key: 'forever', title: t('archives.forever'), sortable: true, text: (archive) => (archive.forever ? 0 : 1), render: (archive) => (archive.forever ? t('app:yes') : t('app:no')) },
    { key: 'name', title: t('archives.code'), hidden: true, render: (archive) => <span className="mono">{archive.name}</span> },
  ];
  return (
    <PageFrame title={t('archives.title')}>
      <Typography.Text type="secondary">{t('archives.hint')}</Typography.Text>
      <PageTabs items={kinds.map((kind) => ({
        key: kind, label: t(`archives.kind.${kind}`),
        children: <DataTable<Archive> name={`archives-${kind}`} columns={columns} rows={archives.data?.items.filter((archive) => archive.kind === kind) ?? []} rowKey={(archive) => archive.name}
          loading={archives.isFetching} searchable={false} prefix={`${kind}.`} onOpen={open} menu={([archive]) => [{ key: 'edit', label: t('app:edit'), disabled: !may('Write.Datastore.Archive'), onClick: () => open(archive) }]} />,
      }))} />
      {edited && <EditArchive archive={edited} onClose={() => setEdited(undefined)} />}
    </PageFrame>
  );
}
