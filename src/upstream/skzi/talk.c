/* Packets with descriptors; see talk.h. */
#include "upstream/skzi/talk.h"

#include <errno.h>
#include <string.h>

bool talk_send(int control, enum talk_kind kind, struct bytes content, int descriptor)
{
    char first = (char)kind;
    struct iovec parts[] = { { &first, 1 }, { (void *)(uintptr_t)content.data, content.size } };
    union { struct cmsghdr head; char room[CMSG_SPACE(sizeof(int))]; } side = { .room = { 0 } };
    struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };
    if (descriptor >= 0) {
        m.msg_control = side.room;
        m.msg_controllen = sizeof side.room;
        side.head.cmsg_level = SOL_SOCKET;
        side.head.cmsg_type = SCM_RIGHTS;
        side.head.cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(&side.head), &descriptor, sizeof descriptor);
    }
    return sendmsg(control, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)(content.size + 1);
}

long talk_receive(int control, void *memory, size_t room, int *ret_descriptor)
{
    struct iovec part = { memory, room };
    union { struct cmsghdr head; char room[CMSG_SPACE(sizeof(int))]; } side;
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = side.room, .msg_controllen = sizeof side.room };
    *ret_descriptor = -1;
    ssize_t size = recvmsg(control, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    struct cmsghdr *head = size > 0 ? CMSG_FIRSTHDR(&m) : NULL;
    if (head && head->cmsg_type == SCM_RIGHTS)
        memcpy(ret_descriptor, CMSG_DATA(head), sizeof *ret_descriptor);
    return size > 0 ? size : -1;
}
