// Groups of meters with who is in them (S0 4.3.2.1). A meter is in one group; poll templates name groups and stay when one changes.
import { DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Empty, Flex, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Answer, type Row } from '../api/client';
import { useMay } from '../api/session';
import { changeMany } from '../devices/many';
import { useDriverTitle, useRegistryChanged, type Group } from '../devices/registry';
import { useAct, useDestructive } from '../parts/acts';
import { FormDialog } from '../parts/forms';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';

type Device = Row<'/api/v1/devices'>;

function useMeterColumns(): Column<Device>[] {
  const { t } = useTranslation('templates');
  const driverTitle = useDriverTitle();
  return [
    { key: 'id', title: t('meter.id'), sortable: true, number: true },
    { key: 'model', title: t('meter.type'), sortable: true, render: (device) => device.model || driverTitle(device.driver) },
    { key: 'serial', title: t('meter.serial'), sortable: true },
    { key: 'note', title: t('meter.comment') },
  ];
}

function GroupDialog({ group, onClose }: { group?: Group; onClose: () => void }) {
  const { t } = useTranslation('templates');
  const [form] = Form.useForm();
  const changed = useRegistryChanged();
  const save = async (values: { title: string }) => {
    await (group ? api.patch(`/groups/${group.id}`, { revision: group.revision, title: values.title }) : api.post('/groups', values));
    await changed();
  };
  return (
    <FormDialog open onClose={onClose} title={t(group ? 'groups.edit' : 'groups.add')} width={420} form={form} save={save} initialValues={{ title: group?.title ?? '' }}>
      <Form.Item name="title" label={t('name')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={200} autoFocus /></Form.Item>
    </FormDialog>
  );
}

/** Meters of other groups and of none, to be chosen. */
function PickDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const { t } = useTranslation('templates');
  const act = useAct();
  const changed = useRegistryChanged();
  const columns = useMeterColumns();
  const take = (ids: number[]) => act(async () => {
    await changeMany(ids, { group: group.title });
    await changed();
    onClose();
  }, t('groups.taken', { count: ids.length, title: group.title }));
  return (
    <Modal open title={t('groups.pick', { title: group.title })} onCancel={onClose} footer={null} width={760}>
      <DataTable<Device> name="templates.pick" prefix="pick" path="/devices" query={{ enabled: true }} columns={[...columns, { key: 'group', title: t('groups.now') }]} selectable searchable
        actions={(selection) => <Button type="primary" disabled={!selection.keys.length} onClick={() => void take(selection.keys.map(Number))}>{t('groups.choose', { count: selection.keys.length })}</Button>} />
    </Modal>
  );
}

function Members({ group, write, onPick }: { group: Group; write: boolean; onPick: () => void }) {
  const { t } = useTranslation('templates');
  const act = useAct();
  const changed = useRegistryChanged();
  const columns = useMeterColumns();
  const leave = (ids: number[]) => act(async () => {
    await changeMany(ids, { group: '' });
    await changed();
  }, t('groups.left', { count: ids.length }));
  return (
    <DataTable<Device> name="templates.members" prefix={`g${group.id}`} path="/devices" query={{ group: group.title }} columns={columns} selectable={write}
      actions={(selection) => write && (
        <>
          <Button icon={<PlusOutlined />} onClick={onPick}>{t('groups.addMeters')}</Button>
          {selection.keys.length > 0 && <Button danger onClick={() => void leave(selection.keys.map(Number)).then(selection.clear)}>{t('groups.remove', { count: selection.keys.length })}</Button>}
        </>
      )}
      empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('groups.nobody')} />} />
  );
}

export function MeterGroups() {
  const { t } = useTranslation('templates');
  const may = useMay();
  const destructive = useDestructive();
  const changed = useRegistryChanged();
  const [open, setOpen] = useState<{ group?: Group; pick?: boolean }>();
  const { data, error, isPending } = useQuery({ queryKey: ['/groups'], queryFn: () => api.get<Answer<'/api/v1/groups'>>('/groups') });
  const write = may('Write.Devices');
  const remove = (group: Group) => destructive({
    title: t('groups.deleteTitle', { title: group.title }), content: group.devices ? t('groups.deleteUsed', { count: group.devices }) : undefined, okText: t('app:delete'), done: t('app:saved'),
    act: async () => {
      await api.delete(`/groups/${group.id}`);
      await changed();
    },
  });
  const columns: Column<Group>[] = [
    { key: 'id', title: 'ID', sortable: true, number: true, width: 70 },
    { key: 'title', title: t('name'), sortable: true },
    { key: 'devices', title: t('groups.meters'), sortable: true, number: true },
    ...(write ? [{
      key: 'tools', title: t('actions'), render: (group: Group) => (
        <Flex gap={4}>
          <Button type="text" size="small" icon={<EditOutlined />} aria-label={`${t('app:edit')}: ${group.title}`} onClick={() => setOpen({ group })} />
          <Button type="text" size="small" danger icon={<DeleteOutlined />} aria-label={`${t('app:delete')}: ${group.title}`} onClick={() => remove(group)} />
        </Flex>
      ),
    }] : []),
  ];
  return (
    <>
      {error && <Alert type="error" showIcon title={error.message} />}
      <DataTable<Group> name="templates.groups" prefix="groups" rows={data?.items ?? []} loading={isPending} columns={columns} expand={(group) => <Members group={group} write={write} onPick={() => setOpen({ group, pick: true })} />}
        actions={() => write && <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen({})}>{t('groups.new')}</Button>}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('groups.empty')} />} />
      <span className="quiet">{t('groups.hint')}</span>
      {open && !open.pick && <GroupDialog group={open.group} onClose={() => setOpen(undefined)} />}
      {open?.pick && <PickDialog group={open.group!} onClose={() => setOpen(undefined)} />}
    </>
  );
}
