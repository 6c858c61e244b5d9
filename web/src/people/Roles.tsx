// Roles: the built-in ones to look at, one's own to make (S3 2.2.28).
import { PlusOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Tag, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '../api/client';
import { useMay } from '../api/session';
import { useDestructive } from '../parts/acts';
import { FormDialog } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { useSaveOver } from '../parts/saveOver';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { usePermissions, useRoles, useUsers, type Role } from './data';
import { PermissionTable } from './PermissionTable';

type Words = Pick<Role, 'name' | 'note' | 'permissions'>;

/** A new role, a copy of one, or a change. */
function RoleDialog({ role, copy, onClose }: { role?: Role; copy?: Role; onClose: () => void }) {
  const { t } = useTranslation('people');
  const client = useQueryClient();
  const saveOver = useSaveOver();
  const permissions = usePermissions();
  const save = async (words: Words) => {
    try {
      if (role) await saveOver(role, words, (revision) => api.patch(`/roles/${role.id}`, { ...words, revision }), async () => (await api.get<{ items: Role[] }>('/roles')).items.find((r) => r.id === role.id)!);
      else await api.post('/roles', words);
    } catch (e) {
      if (!(e instanceof ApiError) || e.code !== 'taken') throw e;
      throw new ApiError(409, 'taken', e.message, [{ field: 'name', message: t('roles.taken') }]);
    }
    await client.invalidateQueries({ queryKey: ['/roles'] });
  };
  const initial: Words = role ?? { name: '', note: copy ? t('roles.copyNote', { title: copy.title }) : '', permissions: copy?.permissions ?? [] };
  return (
    <FormDialog<Words> open width={820} title={role ? t('roles.edit', { name: role.name }) : t('roles.add')} onClose={onClose} save={save} initialValues={initial}
      draft={role || copy ? undefined : 'role'} saveText={role ? undefined : t('app:add')}>
      <Form.Item name="name" label={t('roles.name')} rules={[{ required: true, message: t('app:required') }]}><Input maxLength={64} autoFocus /></Form.Item>
      <Form.Item name="note" label={t('roles.note')}><Input maxLength={500} /></Form.Item>
      <Form.Item name="permissions" label={t('roles.permissions')} rules={[{ required: true, type: 'array', min: 1, message: t('roles.none') }]}>
        <PermissionTable permissions={permissions.data ?? []} />
      </Form.Item>
    </FormDialog>
  );
}

function RoleView({ role, onClose }: { role: Role; onClose: () => void }) {
  const { t } = useTranslation('people');
  const permissions = usePermissions();
  return (
    <Modal open title={role.title} footer={null} onCancel={onClose} width={820}>
      <Typography.Paragraph type="secondary">{t('roles.builtinHint')}</Typography.Paragraph>
      <PermissionTable permissions={permissions.data ?? []} value={role.permissions} disabled />
    </Modal>
  );
}

export default function Roles() {
  const { t } = useTranslation('people');
  const may = useMay();
  const destroy = useDestructive();
  const client = useQueryClient();
  const roles = useRoles(), users = useUsers(may('Read.Users'));
  const [dialog, setDialog] = useState<{ role?: Role; copy?: Role }>();
  const [viewed, setViewed] = useState<Role>();
  const usersOf = (role: Role) => users.data?.filter((user) => user.role === role.id).length ?? 0;
  const open = (role: Role) => (role.builtin || !may('Write.Roles') ? setViewed(role) : setDialog({ role }));
  const remove = (chosen: Role[]) => destroy({
    title: t('roles.removeTitle', { count: chosen.length }), content: chosen.map((role) => role.name).join(', '), okText: t('app:delete'), done: t('roles.removed'),
    act: async () => {
      try { for (const role of chosen) await api.delete(`/roles/${role.id}`); } finally { await client.invalidateQueries({ queryKey: ['/roles'] }); }
    },
  });
  const columns: Column<Role>[] = [
    { key: 'title', title: t('roles.name'), sortable: true, render: (role) => <Typography.Link onClick={() => open(role)}>{role.title}</Typography.Link> },
    { key: 'builtin', title: t('roles.kind'), sortable: true, text: (role) => (role.builtin ? t('roles.builtin') : t('roles.own')), render: (role) => <Tag>{role.builtin ? t('roles.builtin') : t('roles.own')}</Tag> },
    { key: 'note', title: t('roles.note') },
    { key: 'permissions', title: t('roles.permissions'), number: true, sortable: true, text: (role) => role.permissions.length },
    { key: 'users', title: t('roles.users'), number: true, sortable: true, text: usersOf },
  ];
  return (
    <PageFrame title={t('roles.title')}>
      <DataTable<Role> name="roles" columns={columns} rows={roles.data ?? []} loading={roles.isFetching} onOpen={open}
        actions={() => may('Write.Roles') && <Button type="primary" icon={<PlusOutlined />} onClick={() => setDialog({})}>{t('roles.add')}</Button>}
        menu={([role]) => [
          { key: 'open', label: role.builtin ? t('roles.view') : t('app:edit'), onClick: () => open(role) },
          { key: 'copy', label: t('roles.copy'), disabled: !may('Write.Roles'), onClick: () => setDialog({ copy: role }) },
          { type: 'divider' },
          { key: 'delete', label: t('app:delete'), danger: true, disabled: role.builtin || usersOf(role) > 0 || !may('Delete.Roles'), onClick: () => remove([role]) },
        ]} />
      {dialog && <RoleDialog {...dialog} onClose={() => setDialog(undefined)} />}
      {viewed && <RoleView role={viewed} onClose={() => setViewed(undefined)} />}
    </PageFrame>
  );
}
