// What the pages about people ask the server.
import { useQuery } from '@tanstack/react-query';
import { api, type Answer, type Row } from '../api/client';

export type User = Row<'/api/v1/users'>;
export type Role = Row<'/api/v1/roles'>;
export type Project = Row<'/api/v1/projects'>;
export type Permission = Row<'/api/v1/permissions'>;

const items = <T,>(path: string) => api.get<{ items: T[] }>(path).then((answer) => answer.items);

export const useUsers = (enabled = true) => useQuery({ queryKey: ['/users'], queryFn: () => items<User>('/users'), enabled });
export const useRoles = (enabled = true) => useQuery({ queryKey: ['/roles'], queryFn: () => items<Role>('/roles'), enabled });
export const useProjects = (enabled = true) => useQuery({ queryKey: ['/projects'], queryFn: () => items<Project>('/projects'), enabled });
export const usePermissions = () => useQuery({ queryKey: ['/permissions'], queryFn: () => items<Permission>('/permissions'), staleTime: Infinity });
export const useProject = (id: string) =>
  useQuery({ queryKey: ['/projects', id], queryFn: () => api.get<Answer<'/api/v1/projects/{id}'>>(`/projects/${id}`) });

/** A password for the first sign-in: letters and digits that cannot be mistaken for each other. */
export function randomPassword(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  return Array.from(crypto.getRandomValues(new Uint32Array(12)), (n) => letters[n % letters.length]).join('');
}
