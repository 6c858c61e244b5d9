// Users: added, changed, enabled, given another password, taken into projects (S3 2.2.27).
import { PlusOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Select, Space, Switch, Tag, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '../api/client';
import { useMay, useMe } from '../api/session';
import { timeText } from '../app/format';
import { useAct, useDestructive } from '../parts/acts';
import { useCarefulSave } from '../parts/changed';
import { FormDialog } from '../parts/forms';
import { PageFrame } from '../parts/page';
import { passwordRules } from '../parts/password';
import { State } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { randomPassword, useProjects, useRoles, useUsers, type User } from './data';

type Words = Pick<User, 'login' | 'name' | 'email' | 'language' | 'role' | 'enabled' | 'projects'> & { password?: string };

function PasswordField({ label }: { label: string }) {
  const { t } = useTranslation('people');
  const form = Form.useFormInstance();
  return (
    <Form.Item label={label} extra={t('app:passwordRules')} required>
      <Space.Compact block>
        <Form.Item name="password" noStyle rules={passwordRules(t)}>
          <Input.Password autoComplete="new-password" maxLength={64} aria-label={label} />
        </Form.Item>
        <Button onClick={() => form.setFieldValue('password', randomPassword())}>{t('users.invent')}</Button>
      </Space.Compact>
    </Form.Item>
  );
}

function UserFields({ own }: { own: boolean }) {
  const { t } = useTranslation('people');
  const roles = useRoles(), projects = useProjects();
  return (
    <>
      <Form.Item name="name" label={t('users.name')}><Input maxLength={120} /></Form.Item>
      <Form.Item name="email" label={t('users.email')} rules={[{ type: 'email', message: t('users.emailWrong') }]}><Input maxLength={200} inputMode="email" /></Form.Item>
      <Form.Item name="role" label={t('users.role')} rules={[{ required: true, message: t('app:required') }]}>
        <Select options={roles.data?.map((role) => ({ value: role.id, label: role.title }))} loading={roles.isPending} showSearch={{ optionFilterProp: 'label' }} />
      </Form.Item>
      <Form.Item name="projects" label={t('users.projects')} extra={t('users.projectsHint')}>
        <Select mode="multiple" options={projects.data?.map((p) => ({ value: p.id, label: p.title }))} loading={projects.isPending} showSearch={{ optionFilterProp: 'label' }} />
      </Form.Item>
      <Form.Item name="language" label={t('users.language')}>
        <Select options={[{ value: '', label: t('users.byBrowser') }, { value: 'ru', label: 'Русский' }, { value: 'en', label: 'English' }]} />
      </Form.Item>
      <Form.Item name="enabled" label={t('users.enabled')} valuePropName="checked" extra={t('users.enabledHint')}><Switch disabled={own} /></Form.Item>
    </>
  );
}

/** Adding: what was typed survives a reload, the password does not. */
function AddUser({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('people');
  const { data: me } = useMe();
  const client = useQueryClient();
  const [form] = Form.useForm<Words>();
  const save = async (words: Words) => {
    try {
      await api.post('/users', words);
    } catch (e) {
      if (!(e instanceof ApiError) || e.code !== 'taken') throw e;
      throw new ApiError(409, 'taken', e.message, [{ field: 'login', message: t('users.taken') }]);
    }
    await Promise.all([client.invalidateQueries({ queryKey: ['/users'] }), client.invalidateQueries({ queryKey: ['/projects'] })]);
  };
  return (
    <FormDialog<Words> open={open} title={t('users.add')} onClose={onClose} form={form} save={save} draft="user" secrets={['password']} saveText={t('app:add')}
      initialValues={{ login: '', name: '', email: '', language: '', enabled: true, projects: me?.project ? [me.project] : [] }}>
      <Form.Item name="login" label={t('users.login')} rules={[{ required: true, message: t('app:required') }]}><Input maxLength={64} autoComplete="off" autoFocus /></Form.Item>
      <PasswordField label={t('users.firstPassword')} />
      <UserFields own={false} />
    </FormDialog>
  );
}

function EditUser({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation('people');
  const { data: me } = useMe();
  const client = useQueryClient();
  const careful = useCarefulSave();
  const [form] = Form.useForm<Words>();
  const save = async (words: Words) => {
    const { login: _, ...change } = words;
    await careful<User>({
      seen: user, mine: change, form, patch: (fields) => api.patch(`/users/${user.id}`, fields), fresh: () => api.get<User>(`/users/${user.id}`), label: (field) => t(`users.${field}`),
    });
    await Promise.all([client.invalidateQueries({ queryKey: ['/users'] }), client.invalidateQueries({ queryKey: ['/projects'] })]);
  };
  return (
    <FormDialog<Words> open title={t('users.edit', { login: user.login })} onClose={onClose} form={form} save={save} initialValues={user}>
      <UserFields own={me?.id === user.id} />
    </FormDialog>
  );
}

function ResetPassword({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation('people');
  const client = useQueryClient();
  const { message } = App.useApp();
  const save = async ({ password }: Words) => {
    await api.patch(`/users/${user.id}`, { revision: (await api.get<User>(`/users/${user.id}`)).revision, password });
    await client.invalidateQueries({ queryKey: ['/users'] });
    void message.success(t('users.passwordSet', { login: user.login }));
  };
  return (
    <FormDialog<Words> open title={t('users.reset', { login: user.login })} onClose={onClose} save={save} secrets={['password']} saveText={t('users.set')}>
      <Typography.Paragraph type="secondary">{t('users.resetHint')}</Typography.Paragraph>
      <PasswordField label={t('users.firstPassword')} />
    </FormDialog>
  );
}

export default function Users() {
  const { t } = useTranslation('people');
  const may = useMay();
  const act = useAct();
  const destroy = useDestructive();
  const client = useQueryClient();
  const { data: me } = useMe();
  const users = useUsers(), roles = useRoles(may('Read.Roles')), projects = useProjects(may('Read.Projects'));
  const [adding, setAdding] = useState(false);
  const [edited, setEdited] = useState<User>();
  const [reset, setReset] = useState<User>();
  const roleOf = (user: User) => roles.data?.find((role) => role.id === user.role)?.title ?? String(user.role);
  const projectsOf = (user: User) => user.projects.map((id) => projects.data?.find((p) => p.id === id)?.title ?? String(id));
  const refresh = () => client.invalidateQueries({ queryKey: ['/users'] });
  const change = (user: User, what: object, done: string) =>
    act(async () => { await api.patch(`/users/${user.id}`, { revision: user.revision, ...what }); await refresh(); }, done);
  const remove = (chosen: User[]) => destroy({
    title: t('users.removeTitle', { count: chosen.length }), content: chosen.map((user) => user.login).join(', '), okText: t('app:delete'), done: t('users.removed', { count: chosen.length }),
    act: async () => {
      try { for (const user of chosen) await api.delete(`/users/${user.id}`); } finally { await refresh(); }
    },
  });
  const columns: Column<User>[] = [
    { key: 'login', title: t('users.login'), sortable: true, render: (user) => (may('Write.Users') ? <Typography.Link onClick={() => setEdited(user)}>{user.login}</Typography.Link> : user.login) },
    { key: 'name', title: t('users.name'), sortable: true },
    { key: 'email', title: t('users.email'), sortable: true },
    { key: 'role', title: t('users.role'), sortable: true, text: roleOf },
    { key: 'projects', title: t('users.projects'), text: (user) => projectsOf(user).join(', '), render: (user) => projectsOf(user).map((title) => <Tag key={title}>{title}</Tag>) },
    {
      key: 'enabled', title: t('users.enabled'), sortable: true, text: (user) => (user.enabled ? 0 : 1),
      render: (user) => (user.held_ms > 0 ? <State kind="waiting">{t('users.held', { minutes: Math.ceil(user.held_ms / 60_000) })}</State>
        : <State kind={user.enabled ? 'ok' : 'never'}>{user.enabled ? t('users.on') : t('users.off')}</State>),
    },
    { key: 'totp', title: t('users.totp'), text: (user) => (user.totp ? t('app:yes') : t('app:no')), sortable: true },
    { key: 'signed_in', title: t('users.signedIn'), sortable: true, moment: true, text: (user) => user.signed_in ?? '', render: (user) => timeText(user.signed_in) },
    { key: 'created', title: t('users.created'), sortable: true, moment: true, hidden: true, text: (user) => user.created ?? '', render: (user) => timeText(user.created) },
  ];
  return (
    <PageFrame title={t('users.title')}>
      <DataTable<User> name="users" columns={columns} rows={users.data ?? []} loading={users.isFetching} selectable onOpen={may('Write.Users') ? setEdited : undefined}
        actions={({ rows }) => (
          <>
            {may('Write.Users') && <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>{t('users.add')}</Button>}
            {may('Delete.Users') && rows.length > 0 && <Button danger onClick={() => remove(rows)}>{t('app:delete')}</Button>}
          </>
        )}
        menu={([user, ...more]) => [
          { key: 'edit', label: t('app:edit'), disabled: more.length > 0 || !may('Write.Users'), onClick: () => setEdited(user) },
          { key: 'reset', label: t('users.resetShort'), disabled: more.length > 0 || !may('Write.Users'), onClick: () => setReset(user) },
          { key: 'enable', label: user.enabled ? t('users.disable') : t('users.enable'), disabled: more.length > 0 || !may('Write.Users') || user.id === me?.id, onClick: () => void change(user, { enabled: !user.enabled }, t('app:saved')) },
          { key: 'held', label: t('users.letIn'), disabled: !user.held_ms || !may('Write.Users'), onClick: () => void change(user, { held: false }, t('users.letInDone')) },
          { key: 'totp', label: t('users.totpOff'), disabled: !user.totp || !may('Write.Users'), onClick: () => void change(user, { totp: false }, t('users.totpOffDone')) },
          { type: 'divider' },
          { key: 'delete', label: t('app:delete'), danger: true, disabled: !may('Delete.Users'), onClick: () => remove([user, ...more]) },
        ]} />
      <AddUser open={adding} onClose={() => setAdding(false)} />
      {edited && <EditUser user={edited} onClose={() => setEdited(undefined)} />}
      {reset && <ResetPassword user={reset} onClose={() => setReset(undefined)} />}
    </PageFrame>
  );
}
