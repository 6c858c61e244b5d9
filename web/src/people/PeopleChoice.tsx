// Who works in a project: users with a tick each, found by words.
import { Input, Table } from 'antd';
import { useRef, useState, type Key } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../api/session';
import { useTableReach } from '../parts/table/reach';
import { useRoles, useUsers, type User } from './data';

export function PeopleChoice({ value, onChange, disabled }: { value: Key[]; onChange: (value: Key[]) => void; disabled?: boolean }) {
  const { t } = useTranslation('people');
  const may = useMay();
  const users = useUsers(may('Read.Users')), roles = useRoles(may('Read.Roles'));
  const [search, setSearch] = useState('');
  const frame = useRef<HTMLDivElement>(null);
  useTableReach(frame);
  const words = search.toLowerCase();
  const roleOf = (user: User) => roles.data?.find((role) => role.id === user.role)?.title ?? '';
  const shown = users.data?.filter((user) => `${user.login} ${user.name} ${user.email} ${roleOf(user)}`.toLowerCase().includes(words));
  return (
    <div ref={frame}>
      <Input.Search allowClear value={search} onChange={(e) => setSearch(e.target.value)} placeholder={t('app:table.search')} aria-label={t('app:table.search')} style={{ marginBottom: 8 }} />
      <Table<User> size="small" rowKey="id" dataSource={shown} loading={users.isFetching} scroll={{ x: 'max-content' }} pagination={{ size: 'small', pageSize: 10, hideOnSinglePage: true }}
        rowSelection={{ selectedRowKeys: value, preserveSelectedRowKeys: true, onChange, getCheckboxProps: (user) => ({ disabled, 'aria-label': user.login }) as never }}
        columns={[
          { key: 'login', title: t('users.login'), dataIndex: 'login' },
          { key: 'email', title: t('users.email'), dataIndex: 'email' },
          { key: 'role', title: t('users.role'), render: (_, user) => roleOf(user) },
        ]} />
    </div>
  );
}
