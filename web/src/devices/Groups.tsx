// Groups of devices of a head-end, one a device; one of them may be the default (S3 2.2.11). A gateway has them with its templates.
import { DeleteOutlined, EditOutlined, PlusOutlined, StarOutlined, UnorderedListOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Empty } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { useAct, useDestructive } from '../parts/acts';
import { PageFrame } from '../parts/page';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import type { MenuItems } from './actions';
import { GroupDialog } from './GroupDialog';
import { useRegistryChanged, type Group } from './registry';

export default function Groups() {
  const { t } = useTranslation('groups');
  const navigate = useNavigate();
  const may = useMay();
  const act = useAct();
  const destructive = useDestructive();
  const changed = useRegistryChanged();
  const [open, setOpen] = useState<{ group?: Group }>();
  const { data, error, isPending } = useQuery({ queryKey: ['/groups'], queryFn: () => api.get<Answer<'/api/v1/groups'>>('/groups') });
  const write = may('Write.Devices');
  const address = (group: Group) => `/devices?f.group=${encodeURIComponent(group.title)}`;
  const makeDefault = (group: Group) => act(async () => {
    await api.patch(`/groups/${group.id}`, { revision: group.revision, default: true });
    await changed();
  }, t('madeDefault', { title: group.title }));
  const remove = (groups: Group[]) => destructive({
    title: t('deleteTitle', { count: groups.length }), okText: t('app:delete'),
    content: groups.some((group) => group.devices > 0) ? t('deleteUsed', { titles: groups.filter((group) => group.devices > 0).map((group) => `${group.title} (${group.devices})`).join(', ') }) : groups.map((group) => group.title).join(', '),
    act: async () => {
      try {
        for (const group of groups) await api.delete(`/groups/${group.id}`);
      } finally {
        await changed();
      }
    },
    done: t('app:saved'),
  });
  const menu = (groups: Group[]): MenuItems => {
    const [one] = groups;
    return [
      ...(groups.length === 1 ? [{ key: 'devices', icon: <UnorderedListOutlined />, label: t('showDevices'), onClick: () => void navigate(address(one)) }] : []),
      ...(write && groups.length === 1 ? [
        { key: 'edit', icon: <EditOutlined />, label: t('app:edit'), onClick: () => setOpen({ group: one }) },
        ...(one.default ? [] : [{ key: 'default', icon: <StarOutlined />, label: t('makeDefault'), onClick: () => void makeDefault(one) }]),
      ] : []),
      ...(may('Delete.Devices') ? [{ key: 'delete', danger: true, icon: <DeleteOutlined />, label: t('app:delete'), onClick: () => remove(groups) }] : []),
    ];
  };
  const columns: Column<Group>[] = [
    { key: 'title', title: t('field.title'), sortable: true, render: (group) => <><Link className="in-text" to={address(group)}>{group.title}</Link>{group.default && ` (${t('byDefault')})`}</> },
    { key: 'note', title: t('field.note'), sortable: true },
    { key: 'devices', title: t('devices'), sortable: true, number: true },
  ];
  return (
    <PageFrame title={t('title')}>
      {error && <Alert type="error" showIcon title={error.message} />}
      <DataTable<Group> name="groups" rows={data?.items ?? []} loading={isPending} columns={columns} selectable menu={menu} onOpen={(group) => void navigate(address(group))}
        actions={() => write && <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen({})}>{t('app:add')}</Button>}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('empty')} />} />
      {open && <GroupDialog key={open.group?.id ?? 0} group={open.group} onClose={() => setOpen(undefined)} />}
    </PageFrame>
  );
}
