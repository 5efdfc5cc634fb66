#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "../failure.h"

namespace wyvern {

/// Reads the wire format of protocol buffers field by field and trusts none of its lengths. Throws `tokenizer-invalid`.
class WireReader {
 public:
    explicit WireReader(std::span<const uint8_t> bytes) : rest_(bytes) {}

    struct Field {
        uint64_t number;
        uint32_t wire_type;
        /// The value of wire types 0 (varint), 1 (64 bit) and 5 (32 bit).
        uint64_t value;
        /// The bytes of wire type 2.
        std::span<const uint8_t> bytes;

        std::span<const uint8_t> message() const { return expect(2), bytes; }
        std::string text() const { return expect(2), std::string(bytes.begin(), bytes.end()); }
        bool boolean() const { return expect(0), value != 0; }
        uint64_t number_value() const { return expect(0), value; }
        float single() const { return expect(5), std::bit_cast<float>(static_cast<uint32_t>(value)); }

     private:
        void expect(uint32_t type) const {
            if (wire_type != type) {
                damaged();
            }
        }
    };

    /// Returns the next field, or nothing at the end.
    std::optional<Field> next() {
        if (rest_.empty()) {
            return std::nullopt;
        }
        const uint64_t key = varint();
        Field field{key >> 3, static_cast<uint32_t>(key & 7), 0, {}};
        switch (field.wire_type) {
            case 0:
                field.value = varint();
                break;
            case 1:
                field.value = little_endian(take(8));
                break;
            case 2:
                field.bytes = take(varint());
                break;
            case 5:
                field.value = little_endian(take(4));
                break;
            default:
                damaged();
        }
        return field;
    }

 private:
    [[noreturn]] static void damaged() {
        throw Failure(FailureCode::tokenizer_invalid, "The SentencePiece model is not valid: it is damaged.");
    }

    std::span<const uint8_t> take(uint64_t count) {
        if (count > rest_.size()) {
            throw Failure(FailureCode::tokenizer_invalid, "The SentencePiece model is not valid: it is cut short.");
        }
        const auto taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

    uint64_t varint() {
        uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const uint8_t byte = take(1)[0];
            value |= static_cast<uint64_t>(byte & 0x7F) << shift;
            if ((byte & 0x80) == 0) {
                return value;
            }
        }
        damaged();
    }

    static uint64_t little_endian(std::span<const uint8_t> bytes) {
        uint64_t value = 0;
        for (size_t i = bytes.size(); i > 0; --i) {
            value = value << 8 | bytes[i - 1];
        }
        return value;
    }

    std::span<const uint8_t> rest_;
};

}  // namespace wyvern
