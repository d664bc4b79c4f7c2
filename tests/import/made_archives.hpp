#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

/// Archives made byte by byte, so that a test can spoil any of them.
namespace fleetsim::testing {

inline void append_little_endian(std::string& out, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xFFU));
}

inline std::uint32_t crc32(std::string_view text) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char byte : text) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return ~crc;
}

/// RFC 1952, with the text in one block that is not compressed (RFC 1951, section 3.2.4): at most 65,535 bytes.
inline std::string gzipped(std::string_view text) {
    std::string out("\x1F\x8B\x08\0\0\0\0\0\0\xFF", 10);
    out.push_back('\x01');
    append_little_endian(out, static_cast<std::uint32_t>(text.size()), 2);
    append_little_endian(out, ~static_cast<std::uint32_t>(text.size()), 2);
    out += text;
    append_little_endian(out, crc32(text), 4);
    append_little_endian(out, static_cast<std::uint32_t>(text.size()), 4);
    return out;
}

/// One file of a tar archive (POSIX ustar).
inline std::string tar_entry(const std::string& name, std::string_view text) {
    std::string header(512, '\0');
    header.replace(0, name.size(), name);
    header.replace(100, 7, "0000644");
    char size[12];
    std::snprintf(size, sizeof size, "%011o", static_cast<unsigned>(text.size()));
    header.replace(124, 11, size);
    header.replace(136, 11, "00000000000");
    header[156] = '0';
    header.replace(257, 5, "ustar");
    header.replace(263, 2, "00");
    header.replace(148, 8, "        ");
    unsigned sum = 0;
    for (const char byte : header) sum += static_cast<unsigned char>(byte);
    char checksum[8];
    std::snprintf(checksum, sizeof checksum, "%06o", sum);
    header.replace(148, 7, std::string(checksum) + '\0');
    std::string out = header + std::string(text);
    out.append((512 - out.size() % 512) % 512, '\0');
    return out;
}

inline std::string tar_end() { return std::string(1024, '\0'); }

}  // namespace fleetsim::testing
