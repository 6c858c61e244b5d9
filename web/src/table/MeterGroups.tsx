// Groups of meters (S0 4.3.2.1): any choice of the table's meters, picked in a window with check boxes and written as a whole. A meter
// may stand in several; poll templates name groups and stay when one changes.
import { DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import { Alert, App, Button, Empty, Flex, Modal, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { GroupDialog } from '../devices/GroupDialog';
import { useRegistryChanged } from '../devices/registry';
import { useAct, useDestructive } from '../parts/acts';
import { useCarefulSave } from '../parts/changed';
import { Stay, useLeaveGuard } from '../parts/forms';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import { metersOf, sameMembers, useMemberGroups, useMeterColumns, useMeters, type Group, type Meter } from './groups';
import { isHub } from './TableGrid';

const ascending = (ids: number[]) => [...ids].sort((a, b) => a - b);

/** The whole table with check boxes; a virtual hub is no polled meter. */
function PickDialog({ title, members, onChoose, onClose }: { title: string; members: number[]; onChoose: (ids: number[]) => void; onClose: () => void }) {
  const { t } = useTranslation('templates');
  const meters = useMeters();
  const columns = useMeterColumns();
  const choose = (ids: number[]) => {
    onChoose(ascending(ids));
    onClose();
  };
  return (
    <Modal open title={t('groups.pick', { title })} onCancel={onClose} footer={null} width={820} destroyOnHidden>
      <DataTable<Meter> name="templates.pick" prefix="pick" rows={meters} columns={columns} selectable selects={(meter) => !isHub(meter)} chosen={metersOf(members, meters)} searchable={t('groups.search')}
        selectedText={(count) => t('groups.chosen', { count })}
        actions={({ keys }) => (
          <>
            <Button type="primary" onClick={() => choose(keys.map(Number))}>{t('groups.choose')}</Button>
            <Button onClick={onClose}>{t('app:cancel')}</Button>
          </>
        )}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('groups.noTable')} />} />
      {meters.some(isHub) && <span className="quiet">{t('groups.hub')}</span>}
    </Modal>
  );
}

/** Members as they are being edited, over the group that was seen then. */
interface Draft {
  seen: Group;
  members: number[];
}

interface MembersProps {
  group: Group;
  draft?: Draft;
  write: boolean;
  onDraft: (draft: Draft | undefined) => void;
}

function Members({ group, draft, write, onDraft }: MembersProps) {
  const { t } = useTranslation('templates');
  const { message } = App.useApp();
  const act = useAct();
  const careful = useCarefulSave();
  const changed = useRegistryChanged();
  const columns = useMeterColumns();
  const meters = useMeters();
  const [picking, setPicking] = useState(false);
  const [busy, setBusy] = useState(false);
  const seen = draft?.seen ?? group, members = draft?.members ?? group.members;
  const change = (ids: number[]) => onDraft(sameMembers(ids, seen.members) ? undefined : { seen, members: ids });
  const send = async (mine: number[]) => {
    try {
      await careful<Group>({
        seen, mine: { members: mine }, onTaken: () => onDraft(undefined), label: () => t('groups.meters'), show: (_, ids) => (ids as number[]).join(', ') || '—',
        patch: (fields) => api.patch(`/groups/${group.id}`, fields), fresh: () => api.get<Group>(`/groups/${group.id}`),
      });
    } catch (e) {
      if (e instanceof Stay) return changed();
      throw e;
    }
    await changed();
    onDraft(undefined);
    void message.success(t('groups.written', { title: group.title }));
  };
  const save = async (mine: number[]) => {
    setBusy(true);
    await act(() => send(mine));
    setBusy(false);
  };
  return (
    <Flex vertical gap={8} data-testid={`members-${group.id}`}>
      <DataTable<Meter> name="templates.members" prefix={`g${group.id}`} rows={metersOf(members, meters)} columns={columns} selectable={write} searchable={false}
        actions={({ keys, clear }) => (
          <>
            {write && <Button icon={<PlusOutlined />} onClick={() => setPicking(true)}>{t('groups.addMeters')}</Button>}
            {keys.length > 0 && <Button danger onClick={() => { change(members.filter((id) => !keys.includes(id))); clear(); }}>{t('groups.remove', { count: keys.length })}</Button>}
            <span className="quiet">{t('groups.chosen', { count: members.length })}</span>
          </>
        )}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('groups.nobody')} />} />
      {write && (
        <Flex wrap gap={8} align="center">
          <Button type="primary" disabled={!draft} loading={busy} onClick={() => void save(members)}>{t('app:save')}</Button>
          <Button disabled={!draft} onClick={() => onDraft(undefined)}>{t('app:cancel')}</Button>
          <Button danger disabled={!members.length} onClick={() => change([])}>{t('app:clear')}</Button>
          {draft && <Tag color="gold">{t('groups.unsaved')}</Tag>}
        </Flex>
      )}
      {picking && <PickDialog title={group.title} members={members} onChoose={change} onClose={() => setPicking(false)} />}
    </Flex>
  );
}

export function MeterGroups() {
  const { t } = useTranslation('templates');
  const may = useMay();
  const destructive = useDestructive();
  const changed = useRegistryChanged();
  const [open, setOpen] = useState<{ group?: Group }>();
  const [drafts, setDrafts] = useState<Record<number, Draft | undefined>>({});
  const { data, error, isPending } = useMemberGroups();
  const write = may('Write.Devices');
  useLeaveGuard(Object.values(drafts).some(Boolean));
  const remove = (group: Group) => destructive({
    title: t('groups.deleteTitle', { title: group.title }), content: t('groups.deleteHint'), okText: t('app:delete'), done: t('app:saved'),
    act: async () => {
      await api.delete(`/groups/${group.id}`);
      setDrafts(({ [group.id]: _, ...rest }) => rest);
      await changed();
    },
  });
  const columns: Column<Group>[] = [
    { key: 'id', title: 'ID', sortable: true, number: true, width: 70 },
    { key: 'title', title: t('name'), sortable: true, render: (group) => <>{group.title}{group.default && ` (${t('groups:byDefault')})`}</> },
    { key: 'note', title: t('groups:field.note'), sortable: true },
    { key: 'devices', title: t('groups.meters'), sortable: true, number: true },
    ...(write ? [{
      key: 'tools', title: t('actions'), render: (group: Group) => (
        <Flex gap={4}>
          <Button type="text" size="small" icon={<EditOutlined />} aria-label={`${t('app:edit')}: ${group.title}`} onClick={() => setOpen({ group })} />
          {may('Delete.Devices') && <Button type="text" size="small" danger icon={<DeleteOutlined />} aria-label={`${t('app:delete')}: ${group.title}`} onClick={() => remove(group)} />}
        </Flex>
      ),
    }] : []),
  ];
  return (
    <>
      {error && <Alert type="error" showIcon title={error.message} />}
      <DataTable<Group> name="templates.groups" prefix="groups" rows={(data?.items ?? []) as Group[]} loading={isPending} columns={columns}
        expand={(group) => <Members group={group} draft={drafts[group.id]} write={write} onDraft={(draft) => setDrafts((all) => ({ ...all, [group.id]: draft }))} />}
        actions={() => write && <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen({})}>{t('groups.new')}</Button>}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('groups.empty')} />} />
      <span className="quiet">{t('groups.hint')}</span>
      {open && <GroupDialog key={open.group?.id ?? 0} group={open.group} onClose={() => setOpen(undefined)} />}
    </>
  );
}
