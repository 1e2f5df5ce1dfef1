/* The floor of benchmarks/engine.py: the same deferred acceptance on the same arrays, as bare as C allows.
 *
 * One min-heap of keys per project, laid one after the other in `held` from `base[p]`; a full company gives up its
 * worst key, which stands on top of one of its projects' heaps. `wish[t]` is the wish granted to trainee t, or -1.
 */
#include <stdint.h>

static int64_t *held;
static const int64_t *base;
static int32_t *size;

static void sift_down(int64_t *heap, int32_t count, int64_t key)
{
    int32_t at = 0;
    for (;;) {
        int32_t child = 2 * at + 1;
        if (child >= count)
            break;
        if (child + 1 < count && heap[child + 1] < heap[child])
            child++;
        if (key <= heap[child])
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = key;
}

static void push(int32_t project, int64_t key)
{
    int64_t *heap = held + base[project];
    int32_t at = size[project]++;
    while (at && heap[(at - 1) / 2] > key) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = key;
}

static int64_t pop(int32_t project)
{
    int64_t *heap = held + base[project], top = heap[0];
    int32_t count = --size[project];
    if (count)
        sift_down(heap, count, heap[count]);
    return top;
}

void match(int64_t people, const int64_t *start, const int32_t *cell, const int64_t *key, const int32_t *owner,
           const int32_t *company_of, const int32_t *places, int32_t *left, const int64_t *first,
           const int32_t *projects_of, int64_t *heaps, const int64_t *bases, int32_t *sizes, int64_t *wish)
{
    held = heaps, base = bases, size = sizes;
    for (int64_t proposer = 0; proposer < people; proposer++) {
        int64_t trainee = proposer, at = start[trainee];
        while (at < start[trainee + 1]) {
            int32_t project = cell[at], company = company_of[project];
            int64_t own = key[at], loser;
            if (size[project] == places[project]) {
                int64_t *heap = held + base[project];
                if (!size[project] || own < heap[0]) {
                    at++;
                    continue;
                }
                loser = heap[0];
                sift_down(heap, size[project], own);
            } else if (left[company]) {
                left[company]--;
                push(project, own);
                wish[trainee] = at;
                break;
            } else {
                int32_t losing = -1;
                for (int64_t one = first[company]; one < first[company + 1]; one++) {
                    int32_t other = projects_of[one];
                    if (size[other] && (losing < 0 || held[base[other]] < held[base[losing]]))
                        losing = other;
                }
                if (losing < 0 || own < held[base[losing]]) {
                    at++;
                    continue;
                }
                loser = pop(losing);
                push(project, own);
            }
            wish[trainee] = at;
            trainee = owner[loser % people];
            at = wish[trainee] + 1;
            wish[trainee] = -1;
        }
    }
}
