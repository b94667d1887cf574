#include "core/base/memory.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace arngate {
namespace {

/// Segments that are never written hold nothing but the file, so letting their pages go loses nothing.
int release_segments(dl_phdr_info* object, std::size_t /*size*/, void* page_size) {
    const std::uintptr_t page = *static_cast<const std::uintptr_t*>(page_size);
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const auto& segment = object->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) {
            continue;
        }
        const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
        const std::uintptr_t end = begin + segment.p_memsz;
        // Whole pages inside: those at the ends may be shared with a neighbour that is written.
        const std::uintptr_t first = (begin + page - 1) / page * page;
        const std::uintptr_t last = end / page * page;
        if (first < last) {
            // The address is the loader's, which tells it as a number.
            // NOLINTNEXTLINE(performance-no-int-to-ptr)
            static_cast<void>(::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED));
        }
    }
    return 0;
}

}  // namespace

void release_unused_memory() noexcept {
    ::malloc_trim(0);
    auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    ::dl_iterate_phdr(&release_segments, &page);
}

}  // namespace arngate
