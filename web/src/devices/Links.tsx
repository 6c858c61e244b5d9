// Channels: where devices answer (S3 2.2.12).
import { DeleteOutlined, EditOutlined, PlusOutlined, UnorderedListOutlined } from '@ant-design/icons';
import { App, Button, Empty, Form, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link as Anchor, useNavigate } from 'react-router';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { FormDialog } from '../parts/forms';
import { useCarefulSave } from '../parts/changed';
import { PageFrame } from '../parts/page';
import { DataTable, type Selection } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import type { MenuItems } from './actions';
import { LinkFields, LinkItem, linkFieldsOf, linkKinds, type LinkKind } from './LinkFields';
import { useDeleteMany, useEditMany } from './many';
import { useRegistryChanged, type Link } from './registry';

const sent = ['title', 'kind', ...linkFieldsOf.tcp, ...linkFieldsOf.serial];

/** What belongs to the kind, of what the form holds. */
function fieldsOf(values: Record<string, unknown>): Record<string, unknown> {
  const kind = (values.kind as LinkKind) ?? 'tcp';
  return Object.fromEntries(Object.entries(values).filter(([key]) => sent.includes(key) && (['title', 'kind'].includes(key) || linkFieldsOf[kind].includes(key))));
}

function LinkDialog({ link, onClose }: { link?: Link; onClose: () => void }) {
  const { t } = useTranslation('links');
  const { message } = App.useApp();
  const [form] = Form.useForm();
  const [seen, setSeen] = useState(link);
  const careful = useCarefulSave();
  const changed = useRegistryChanged();
  const save = async (values: Record<string, unknown>) => {
    const mine = fieldsOf(values);
    if (seen) await careful({ seen, mine, form, onTaken: setSeen, label: (field) => t(`field.${field}`), patch: (fields) => api.patch(`/links/${seen.id}`, fields), fresh: () => api.get<Link>(`/links/${seen.id}`) });
    else await api.post('/links', mine);
    await changed();
    void message.success(t('app:saved'));
  };
  return (
    <FormDialog open onClose={onClose} title={t(link ? 'edit' : 'add')} width={620} form={form} save={save} draft={`link.${link?.id ?? 'new'}`} initialValues={link ?? { kind: 'tcp' }}>
      {link && link.devices > 1 && <p style={{ marginTop: 0 }}>{t('usedBy', { count: link.devices })}</p>}
      <LinkFields />
    </FormDialog>
  );
}

/** The chosen fields of many channels (not their names and kinds: S3 2.2.5). */
function LinksDialog({ links, onClose }: { links: Link[]; onClose: () => void }) {
  const { t } = useTranslation('links');
  const editMany = useEditMany('links');
  const common = linkFieldsOf[links[0].kind as LinkKind].filter((field) => links.every((link) => linkFieldsOf[link.kind as LinkKind].includes(field)));
  const [chosen, setChosen] = useState<string[]>([]);
  const save = async (values: Record<string, unknown>) => {
    const set = Object.fromEntries(chosen.map((field) => [field, values[field] ?? (field.endsWith('_ms') || field === 'baud' ? 0 : field === 'format' ? '' : false)]));
    await editMany(links, set);
  };
  return (
    <FormDialog open onClose={onClose} title={t('editMany', { count: links.length })} width={520} save={save}>
      <Form.Item label={t('chooseFields')}>
        <Select mode="multiple" aria-label={t('chooseFields')} value={chosen} onChange={setChosen} options={common.map((field) => ({ value: field, label: t(`field.${field}`) }))} placeholder={t('chooseFieldsHint')} showSearch={{ optionFilterProp: 'label' }} />
      </Form.Item>
      {chosen.map((field) => <LinkItem key={field} field={field} />)}
    </FormDialog>
  );
}

export default function Links() {
  const { t } = useTranslation('links');
  const navigate = useNavigate();
  const may = useMay();
  const [open, setOpen] = useState<{ link?: Link }>();
  const [many, setMany] = useState<Link[]>();
  const write = may('Write.ChannelSettings');
  const deleteMany = useDeleteMany('links');
  const devicesOf = (link: Link) => `/devices?f.link=${link.id}`;
  const menu = (links: Link[], selection: Selection<Link>): MenuItems => [
    ...(write ? [{ key: 'edit', icon: <EditOutlined />, label: links.length > 1 ? t('editMany', { count: links.length }) : t('app:edit'), onClick: () => (links.length > 1 ? setMany(links) : setOpen({ link: links[0] })) }] : []),
    ...(links.length === 1 ? [{ key: 'devices', icon: <UnorderedListOutlined />, label: t('showDevices'), onClick: () => void navigate(devicesOf(links[0])) }] : []),
    ...(may('Delete.ChannelSettings') ? [{ key: 'delete', danger: true, icon: <DeleteOutlined />, label: t('app:delete'), onClick: () => deleteMany(links, selection.clear) }] : []),
  ];
  const columns: Column<Link>[] = [
    { key: 'title', title: t('field.title'), sortable: true, render: (link) => (write ? <Button type="link" size="small" style={{ padding: 0, height: 'auto' }} onClick={() => setOpen({ link })}>{link.title}</Button> : link.title) },
    { key: 'kind', title: t('field.kind'), text: (link) => (link.kind ? t(`kind.${link.kind}`) : ''), filter: linkKinds.map((value) => ({ value, label: t(`kind.${value}`) })) },
    { key: 'uri', title: t('where'), sortable: true, render: (link) => <span className="mono">{link.kind === 'serial' ? link.device + (link.baud ? ` ${link.baud} ${link.format}` : '') : link.kind === 'gateway' ? link.host : `${link.host}:${link.port}`}</span> },
    { key: 'exclusive', title: t('exclusive'), text: (link) => t(link.exclusive ? 'app:yes' : 'app:no') },
    { key: 'soft7', title: t('field.soft7'), hidden: true, text: (link) => t(link.soft7 ? 'app:yes' : 'app:no') },
    { key: 'devices', title: t('devices'), number: true, render: (link) => (link.devices ? <Anchor to={devicesOf(link)}>{link.devices}</Anchor> : '0') },
  ];
  return (
    <PageFrame title={t('title')}>
      <DataTable<Link> name="links" path="/links" columns={columns} selectable menu={menu} onOpen={(link) => write && setOpen({ link })}
        actions={(selection) => (
          <>
            {write && <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen({})}>{t('app:add')}</Button>}
            {write && selection.rows.length > 1 && <Button icon={<EditOutlined />} onClick={() => setMany(selection.rows)}>{t('editMany', { count: selection.rows.length })}</Button>}
          </>
        )}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('empty')} />} />
      {open && <LinkDialog key={open.link?.id ?? 0} link={open.link} onClose={() => setOpen(undefined)} />}
      {many && <LinksDialog links={many} onClose={() => setMany(undefined)} />}
    </PageFrame>
  );
}
