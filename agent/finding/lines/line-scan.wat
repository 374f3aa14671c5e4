;; Looks through the events of a block for lines that stand for themselves: no record, no marker, and no level but one
;; right after their time. What plain-line.ts does, at a tenth of its time; it may say less than that, and never other
;; things. line-scanner.ts has the bytes of it, what stands where in the memory, and what is put there.
(module
  (memory (export "memory") 10)

  ;; Of the line that is looked at.
  (global $start (mut i32) (i32.const 0))
  (global $end (mut i32) (i32.const 0))
  ;; When it is from, where it says so: its time, and where that ends.
  (global $stampEnd (mut i32) (i32.const 0))
  ;; Where the time of an access log may begin; 0 for nowhere.
  (global $bracket (mut i32) (i32.const 0))
  ;; When the lines of this call are from, and which time was noted last.
  (global $time (mut f64) (f64.const 0))
  (global $noted (mut f64) (f64.const 0))
  (global $isStamped (mut i32) (i32.const 0))
  ;; What followed the time of the last line whose level was looked at, and its code; none where more than these bytes
  ;; had a say in it.
  (global $leveledBytes (mut i64) (i64.const 0))
  (global $leveled (mut i32) (i32.const 0))
  (global $isLeveledShort (mut i32) (i32.const 0))

  ;; The bit of two bytes in a table of all pairs.
  (func $isPairIn (param $table i32) (param $at i32) (result i32)
    (local $pair i32)
    (local.set $pair (i32.load16_u (local.get $at)))
    (i32.and
      (i32.shr_u
        (i32.load8_u (i32.add (local.get $table) (i32.shr_u (local.get $pair) (i32.const 3))))
        (i32.and (local.get $pair) (i32.const 7)))
      (i32.const 1)))

  ;; Whether what begins at $at may be a marker, a frame, or the head of a record.
  (func $beginsSuspect (param $at i32) (result i32)
    (local $first i32)
    (local.set $first (i32.load8_u (local.get $at)))
    (if (i32.and (i32.load8_u offset=17536 (local.get $first)) (i32.const 4))
      (then
        (loop $blanks
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $blanks (i32.and (i32.load8_u offset=17536 (i32.load8_u (local.get $at))) (i32.const 4))))
        (if (i32.ge_u (local.get $at) (global.get $end)) (then (return (i32.const 0))))
        (local.set $first (i32.load8_u (local.get $at)))
        (return
          (i32.or
            (i32.or (i32.lt_u (i32.sub (local.get $first) (i32.const 48)) (i32.const 10)) (i32.eq (local.get $first) (i32.const 40)))
            (call $isPairIn (i32.const 8704) (local.get $at))))))
    ;; `/`
    (if (i32.eq (local.get $first) (i32.const 47))
      (then (return (i32.lt_u (i32.sub (i32.load8_u (i32.sub (global.get $end) (i32.const 1))) (i32.const 48)) (i32.const 10)))))
    (call $isPairIn (i32.const 512) (local.get $at)))

  ;; By the last four letters of what takes a closer look.
  (func $endsSuspect (result i32)
    (local $kind i32) (local $last i32) (local $at i32)
    (local.set $kind (i32.load8_u offset=17152 (i32.load8_u (i32.sub (global.get $end) (i32.const 1)))))
    (if (i32.eqz (local.get $kind)) (then (return (i32.const 0))))
    (if (i32.eq (local.get $kind) (i32.const 2)) (then (return (i32.const 1))))
    (local.set $last (i32.or (i32.load (i32.sub (global.get $end) (i32.const 4))) (i32.const 0x20202020)))
    (local.set $at (i32.const 17408))
    (loop $endings
      (if (i32.eq (i32.load (local.get $at)) (local.get $last)) (then (return (i32.const 1))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $endings (i32.load (local.get $at))))
    (i32.const 0))

  ;; Whether the 32 bytes at $at are those at $form where its mask, after them, says so.
  (func $isFormAt (param $form i32) (param $at i32) (result i32)
    (i32.eqz
      (v128.any_true
        (v128.or
          (v128.and
            (v128.xor (v128.load (local.get $at)) (v128.load (local.get $form)))
            (v128.load offset=32 (local.get $form)))
          (v128.and
            (v128.xor (v128.load offset=16 (local.get $at)) (v128.load offset=16 (local.get $form)))
            (v128.load offset=48 (local.get $form)))))))

  ;; As no part of an IP address has.
  (func $areFourDigits (param $at i32) (result i32)
    (local $bytes i32)
    (local.set $bytes (i32.load (local.get $at)))
    ;; The higher half of each is that of a digit, and stays so when 6 is added: it is 9 at most.
    (i32.and
      (i32.eq (i32.and (local.get $bytes) (i32.const 0xf0f0f0f0)) (i32.const 0x30303030))
      (i32.eq
        (i32.and (i32.add (local.get $bytes) (i32.const 0x06060606)) (i32.const 0xf0f0f0f0))
        (i32.const 0x30303030))))

  ;; The two digits of a second; 255 where there are none.
  (func $secondAt (param $at i32) (result i32)
    (local $second i32)
    (if (i32.eqz
          (i32.and
            (i32.lt_u (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)) (i32.const 10))
            (i32.lt_u (i32.sub (i32.load8_u offset=1 (local.get $at)) (i32.const 48)) (i32.const 10))))
      (then (return (i32.const 255))))
    (local.set $second
      (i32.add
        (i32.mul (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)) (i32.const 10))
        (i32.sub (i32.load8_u offset=1 (local.get $at)) (i32.const 48))))
    (select (local.get $second) (i32.const 255) (i32.le_u (local.get $second) (i32.const 60))))

  ;; Whether the line begins with what may be a time of another form, as 2 or 0: see `mayBeStamp`.
  (func $mayBeStamp (result i32)
    (local $at i32) (local $byte i32) (local $from i32) (local $isLong i32)
    (local.set $at (global.get $start))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 91))
      (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
    (local.set $byte (i32.load8_u offset=4 (local.get $at)))
    (if (i32.lt_u (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)) (i32.const 10))
      (then
        (local.set $from (i32.load8_u offset=2 (local.get $at)))
        (local.set $isLong (call $areFourDigits (local.get $at)))
        (if (i32.or
              (i32.or
                (i32.eq (local.get $from) (i32.const 47))
                (i32.or
                  (i32.eq (i32.load8_u offset=1 (local.get $at)) (i32.const 47))
                  (i32.eq (i32.load8_u offset=1 (local.get $at)) (i32.const 58))))
              (i32.and
                (i32.and
                  (local.get $isLong)
                  (i32.lt_u (i32.sub (i32.load8_u offset=7 (local.get $at)) (i32.const 48)) (i32.const 10)))
                (i32.or
                  (i32.eq (i32.load8_u offset=8 (local.get $at)) (i32.const 84))
                  (i32.eq (i32.load8_u offset=8 (local.get $at)) (i32.const 32)))))
          (then (return (i32.const 2))))
        (return
          (i32.shl
            (i32.or
              (i32.or
                (i32.or (i32.eq (local.get $byte) (i32.const 45)) (i32.eq (local.get $byte) (i32.const 47)))
                (i32.or
                  (i32.eq (local.get $from) (i32.const 58))
                  (i32.and
                    (local.get $isLong)
                    (i32.eq (i32.load8_u offset=10 (local.get $at)) (i32.const 46)))))
              (i32.and
                (i32.or (i32.eq (local.get $from) (i32.const 45)) (i32.eq (local.get $from) (i32.const 32)))
                (i32.or
                  (i32.shr_u (i32.load8_u offset=17536 (i32.load8_u offset=3 (local.get $at))) (i32.const 7))
                  (i32.eq (i32.load8_u offset=5 (local.get $at)) (i32.const 32)))))
            (i32.const 1)))))
    (if (i32.eq (i32.load8_u offset=1 (global.get $start)) (i32.const 44))
      (then
        (return
          (i32.shl (i32.eq (i32.load8_u offset=3 (global.get $start)) (i32.const 91)) (i32.const 1)))))
    (i32.shl
      (i32.and
        (i32.and
          (i32.or
            (i32.eq (i32.load8_u offset=3 (local.get $at)) (i32.const 32))
            (i32.eq (i32.load8_u offset=3 (local.get $at)) (i32.const 44)))
          (i32.shr_u (i32.load8_u offset=17536 (i32.load8_u (local.get $at))) (i32.const 7)))
        (i32.or
          (i32.or
            (i32.lt_u (i32.sub (local.get $byte) (i32.const 48)) (i32.const 10))
            (i32.eq (local.get $byte) (i32.const 32)))
          (i32.shr_u (i32.load8_u offset=17536 (local.get $byte)) (i32.const 7))))
      (i32.const 1)))

  ;; The code of the level in capitals right after the time; 0 where there is none, 4 where the line takes a closer look.
  (func $levelAfterStamp (result i32)
    (local $at i32) (local $name i32) (local $code i32) (local $length i32) (local $next i32)
    (global.set $isLeveledShort (i32.const 1))
    (local.set $at (global.get $stampEnd))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 93))
      (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
    (if (i32.eqz (i32.and (i32.load8_u offset=17536 (i32.load8_u (local.get $at))) (i32.const 4))) (then (return (i32.const 0))))
    (loop $blanks
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $blanks (i32.and (i32.load8_u offset=17536 (i32.load8_u (local.get $at))) (i32.const 4))))
    (global.set $isLeveledShort (i32.le_u (i32.sub (local.get $at) (global.get $stampEnd)) (i32.const 2)))
    (local.set $name (i32.load (local.get $at)))
    (local.set $next (i32.load8_u offset=4 (local.get $at)))
    (block $named
      ;; INFO
      (if (i32.eq (local.get $name) (i32.const 0x4f464e49))
        (then (local.set $code (i32.const 2)) (local.set $length (i32.const 4)) (br $named)))
      ;; DEBU, TRAC
      (if (i32.and (i32.eq (local.get $name) (i32.const 0x55424544)) (i32.eq (local.get $next) (i32.const 71)))
        (then (local.set $code (i32.const 1)) (local.set $length (i32.const 5)) (br $named)))
      (if (i32.and (i32.eq (local.get $name) (i32.const 0x43415254)) (i32.eq (local.get $next) (i32.const 69)))
        (then (local.set $code (i32.const 1)) (local.set $length (i32.const 5)) (br $named)))
      ;; WARN, ERRO, FATA
      (if (i32.or
            (i32.eq (local.get $name) (i32.const 0x4e524157))
            (i32.or (i32.eq (local.get $name) (i32.const 0x4f525245)) (i32.eq (local.get $name) (i32.const 0x41544146))))
        (then (return (i32.const 4))))
      (return (i32.const 0)))
    (local.set $next (i32.load8_u (i32.add (local.get $at) (local.get $length))))
    (select
      (local.get $code)
      (i32.const 0)
      (i32.or
        (i32.and (i32.load8_u offset=17536 (local.get $next)) (i32.const 4))
        (i32.or (i32.eq (local.get $next) (i32.const 58)) (i32.eq (local.get $next) (i32.const 124))))))

  ;; Whether after its time the line may begin once more, as with GitHub and GitLab.
  (func $beginsAfterStamp (result i32)
    (local $off i32) (local $most i32) (local $found i32) (local $at i32)
    (local $v0 v128) (local $v1 v128) (local $v2 v128)
    (if (i32.eqz (i32.and (i32.load offset=88 (i32.const 0)) (i32.const 16))) (then (return (i32.const 0))))
    (local.set $most (i32.sub (global.get $end) (global.get $start)))
    (local.set $most (select (local.get $most) (i32.const 40) (i32.lt_u (local.get $most) (i32.const 40))))
    (loop $marker
      (local.set $at (i32.add (global.get $start) (local.get $off)))
      (local.set $v0 (v128.load (local.get $at)))
      (local.set $v1 (v128.load offset=1 (local.get $at)))
      (local.set $v2 (v128.load offset=2 (local.get $at)))
      (local.set $found
        (i8x16.bitmask
          (v128.and
            (v128.or (i8x16.eq (local.get $v0) (i8x16.splat (i32.const 32))) (i8x16.eq (local.get $v0) (i8x16.splat (i32.const 43))))
            (v128.or
              (i8x16.eq (local.get $v1) (i8x16.splat (i32.const 35)))
              (v128.and
                (i8x16.eq (local.get $v1) (local.get $v2))
                (v128.or
                  (v128.or (i8x16.eq (local.get $v1) (i8x16.splat (i32.const 58))) (i8x16.eq (local.get $v1) (i8x16.splat (i32.const 45))))
                  (v128.or
                    (i8x16.eq (local.get $v1) (i8x16.splat (i32.const 43)))
                    (v128.or
                      (i8x16.eq (local.get $v1) (i8x16.splat (i32.const 126)))
                      (i8x16.eq (local.get $v1) (i8x16.splat (i32.const 94)))))))))))
      (if (local.get $found)
        (then
          (if (i32.lt_u (i32.add (local.get $off) (i32.ctz (local.get $found))) (local.get $most))
            (then (return (i32.const 1))))))
      (local.set $off (i32.add (local.get $off) (i32.const 16)))
      (br_if $marker (i32.lt_u (local.get $off) (local.get $most))))
    ;; `00O `, `00E+` of GitLab.
    (local.set $at (i32.add (global.get $stampEnd) (i32.const 1)))
    (if (i32.and (i32.lt_u (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)) (i32.const 10)) (i32.lt_u (i32.sub (i32.load8_u offset=1 (local.get $at)) (i32.const 48)) (i32.const 10)))
      (then
        (local.set $found (i32.load8_u offset=2 (local.get $at)))
        (if (i32.or (i32.eq (local.get $found) (i32.const 79)) (i32.eq (local.get $found) (i32.const 69)))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 3)))
            (local.set $found (i32.load8_u (local.get $at)))
            (if (i32.or (i32.eq (local.get $found) (i32.const 32)) (i32.eq (local.get $found) (i32.const 43)))
              (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))))))
    (if (i32.ge_u (local.get $at) (global.get $end)) (then (return (i32.const 0))))
    (call $beginsSuspect (local.get $at)))

  ;; Whether one of the words of which a part is at $at stands there: see suspects.ts.
  (func $isWordAt (param $at i32) (result i32)
    (local $entry i32) (local $left i32) (local $length i32) (local $from i32) (local $i i32) (local $letter i32)
    (local $byte i32) (local $isSame i32)
    (local.set $entry
      (i32.load16_u offset=17920
        (i32.shl
          (i32.or
            (i32.shl (i32.and (i32.load8_u (local.get $at)) (i32.const 31)) (i32.const 10))
            (i32.or
              (i32.shl (i32.and (i32.load8_u offset=1 (local.get $at)) (i32.const 31)) (i32.const 5))
              (i32.and (i32.load8_u offset=2 (local.get $at)) (i32.const 31))))
          (i32.const 1))))
    (if (i32.eqz (local.get $entry)) (then (return (i32.const 0))))
    (local.set $entry (i32.add (local.get $entry) (i32.const 83456)))
    (local.set $left (i32.load8_u (local.get $entry)))
    (local.set $entry (i32.add (local.get $entry) (i32.const 1)))
    (block $none
      (loop $words
        (br_if $none (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $length (i32.load8_u (local.get $entry)))
        (local.set $from (i32.sub (local.get $at) (i32.load8_u offset=1 (local.get $entry))))
        (local.set $i (i32.const 0))
        (local.set $isSame (i32.ge_u (local.get $from) (global.get $start)))
        (block $differs
          (loop $letters
            (br_if $differs (i32.eqz (local.get $isSame)))
            (br_if $differs (i32.ge_u (local.get $i) (local.get $length)))
            (local.set $letter (i32.load8_u offset=3 (i32.add (local.get $entry) (local.get $i))))
            (local.set $byte (i32.load8_u (i32.add (local.get $from) (local.get $i))))
            (local.set $isSame
              (if (result i32) (i32.eq (local.get $letter) (i32.const 57))
                (then (i32.lt_u (i32.sub (local.get $byte) (i32.const 48)) (i32.const 10)))
                (else
                  (i32.eq
                    (local.get $letter)
                    (select
                      (i32.or (local.get $byte) (i32.const 32))
                      (local.get $byte)
                      (i32.lt_u (i32.sub (local.get $byte) (i32.const 65)) (i32.const 26)))))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $letters)))
        (if (local.get $isSame)
          (then
            (if (i32.eqz (i32.load8_u offset=2 (local.get $entry))) (then (return (i32.const 1))))
            (if (i32.eqz (global.get $bracket)) (then (global.set $bracket (local.get $from))))))
        (local.set $entry (i32.add (i32.add (local.get $entry) (local.get $length)) (i32.const 3)))
        (br $words)))
    (i32.const 0))

  ;; Whether the line holds a word. Three bytes at a time are looked up by their halves, in six tables that say of which
  ;; of eight groups of words they may be part.
  (func $holdsWord (result i32)
    (local $at i32) (local $bits i32) (local $left i32) (local $v0 v128) (local $v1 v128) (local $v2 v128) (local $low v128)
    (local.set $low (i8x16.splat (i32.const 15)))
    (local.set $at (global.get $start))
    (loop $pieces
      (local.set $v0 (v128.load (local.get $at)))
      (local.set $v1 (v128.load offset=1 (local.get $at)))
      (local.set $v2 (v128.load offset=2 (local.get $at)))
      (local.set $v0
        (v128.and
          (v128.and
            (v128.and
              (i8x16.swizzle (v128.load (i32.const 16896)) (v128.and (local.get $v0) (local.get $low)))
              (i8x16.swizzle (v128.load (i32.const 16912)) (i8x16.shr_u (local.get $v0) (i32.const 4))))
            (v128.and
              (i8x16.swizzle (v128.load (i32.const 16928)) (v128.and (local.get $v1) (local.get $low)))
              (i8x16.swizzle (v128.load (i32.const 16944)) (i8x16.shr_u (local.get $v1) (i32.const 4)))))
          (v128.and
            (i8x16.swizzle (v128.load (i32.const 16960)) (v128.and (local.get $v2) (local.get $low)))
            (i8x16.swizzle (v128.load (i32.const 16976)) (i8x16.shr_u (local.get $v2) (i32.const 4))))))
      (if (v128.any_true (local.get $v0))
        (then
          (local.set $bits (i8x16.bitmask (i8x16.ne (local.get $v0) (v128.const i64x2 0 0))))
          (local.set $left (i32.sub (global.get $end) (local.get $at)))
          (if (i32.lt_u (local.get $left) (i32.const 16))
            (then
              (local.set $bits
                (i32.and
                  (local.get $bits)
                  (i32.sub (i32.shl (i32.const 1) (local.get $left)) (i32.const 1))))))
          (block $looked
            (loop $candidates
              (br_if $looked (i32.eqz (local.get $bits)))
              (if (call $isWordAt (i32.add (local.get $at) (i32.ctz (local.get $bits)))) (then (return (i32.const 1))))
              (local.set $bits (i32.and (local.get $bits) (i32.sub (local.get $bits) (i32.const 1))))
              (br $candidates)))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $pieces (i32.lt_u (local.get $at) (global.get $end))))
    (i32.const 0))

  ;; Reads the time of an access log, whose client, two words and bracket come before it. Whether it could be read.
  (func $readAccessTime (result i32)
    (local $at i32) (local $from i32) (local $byte i32) (local $second i32)
    (if (i32.eqz (i32.load offset=192 (i32.const 0))) (then (return (i32.const 0))))
    (if (i32.eqz (call $isFormAt (i32.const 112) (global.get $bracket))) (then (return (i32.const 0))))
    (local.set $at (i32.add (global.get $bracket) (i32.load offset=192 (i32.const 0))))
    (local.set $second (call $secondAt (local.get $at)))
    (if (i32.eq (local.get $second) (i32.const 255)) (then (return (i32.const 0))))
    (if (i32.eqz (i64.eqz (i64.and (i64.xor (i64.load (i32.add (local.get $at) (i32.const 2))) (i64.load offset=64 (i32.const 112))) (i64.load offset=72 (i32.const 112))))) (then (return (i32.const 0))))

    ;; What begins with another letter than a `t` is looked at for such a time.
    (local.set $at (global.get $start))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 116)) (then (return (i32.const 0))))
    (loop $client
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.and (i32.load8_u offset=17536 (local.get $byte)) (i32.const 1))
        (then (local.set $at (i32.add (local.get $at) (i32.const 1))) (br $client))))
    (if (i32.ne (local.get $byte) (i32.const 32)) (then (return (i32.const 0))))
    (local.set $from (i32.sub (local.get $at) (global.get $start)))
    (if (i32.gt_u (i32.sub (local.get $from) (i32.const 1)) (i32.const 63)) (then (return (i32.const 0))))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (local.set $from (local.get $at))
    (loop $name
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.and (i32.load8_u offset=17536 (local.get $byte)) (i32.const 2))
        (then (local.set $at (i32.add (local.get $at) (i32.const 1))) (br $name))))
    (if (i32.ne (local.get $byte) (i32.const 32)) (then (return (i32.const 0))))
    (if (i32.gt_u (i32.sub (i32.sub (local.get $at) (local.get $from)) (i32.const 1)) (i32.const 63))
      (then (return (i32.const 0))))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (local.set $from (local.get $at))
    (loop $user
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.and (i32.load8_u offset=17536 (local.get $byte)) (i32.const 6))
        (then (local.set $at (i32.add (local.get $at) (i32.const 1))) (br $user))))
    (if (i32.ne (local.get $at) (global.get $bracket)) (then (return (i32.const 0))))
    ;; It ends with the space before the bracket.
    (if (i32.ne (i32.load8_u (i32.sub (local.get $at) (i32.const 1))) (i32.const 32)) (then (return (i32.const 0))))
    (if (i32.gt_u (i32.sub (i32.sub (local.get $at) (local.get $from)) (i32.const 2)) (i32.const 63))
      (then (return (i32.const 0))))
    (global.set $time
      (f64.add
        (f64.load offset=200 (i32.const 0))
        (f64.convert_i32_u (i32.mul (local.get $second) (i32.const 1000)))))
    (global.set $isStamped (i32.const 1))
    (i32.const 1))

  ;; Looks at the events of [$at, $all), up to the first one that is no line or takes a closer look. $isClose: each line
  ;; does. Returns why it ended: 0 all are read, but for one whose end is not there, 1 that is no line, 2 a line, 3 a line
  ;; whose time is of another form, 4 the room is used up.
  (func (export "scan") (param $at i32) (param $all i32) (param $isClose i32) (result i32)
    (local $next i32) (local $found i32) (local $newline i32) (local $isUnusual i32) (local $code i32)
    (local $lines i32) (local $times i32) (local $why i32) (local $time f64) (local $stamped i32)
    (local $head i32) (local $lastStart i32) (local $lastEnd i32)
    (local $textStart i32) (local $textEnd i32)
    (local $says i32) (local $level i32) (local $pair i32) (local $after i64) (local $digitAt i32) (local $number i32)
    (local $byte i32) (local $ms i32) (local $unit i32) (local $from i32) (local $traits i32) (local $three i32)
    (local $v0 v128) (local $v1 v128) (local $lf v128) (local $tab v128) (local $base v128) (local $mark v128)
    (local.set $lf (i8x16.splat (i32.const 10)))
    (local.set $tab (i8x16.splat (i32.const 9)))
    ;; What is unusual, moved down to 0: from a DEL up to a US, or up from a NUL only.
    (local.set $base (i8x16.splat (i32.load offset=276 (i32.const 0))))
    (local.set $mark (i8x16.splat (i32.sub (i32.load offset=280 (i32.const 0)) (i32.const 1))))
    (global.set $time (f64.load offset=240 (i32.const 0)))
    (global.set $noted (f64.load offset=248 (i32.const 0)))
    (global.set $isStamped (i32.const 0))
    ;; What has no end ends here.
    (v128.store (local.get $all) (local.get $lf))
    (v128.store offset=16 (local.get $all) (local.get $lf))
    (v128.store offset=32 (local.get $all) (local.get $lf))
    (block $ended
      (loop $line
        (br_if $ended (i32.ge_u (local.get $at) (local.get $all)))
        (if (i32.ge_u (local.get $lines) (i32.load offset=268 (i32.const 0)))
          (then (local.set $why (i32.const 4)) (br $ended)))
        (if (i32.ge_u (local.get $times) (i32.load offset=264 (i32.const 0)))
          (then (local.set $why (i32.const 4)) (br $ended)))
        ;; `i`
        (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 105))
          (then (local.set $why (i32.const 1)) (br $ended)))
        ;; The LF after the id; `id: ` is before it and `data: ` after it. Ids only grow.
        (if (i32.eqz (i32.and
              (i32.ne (local.get $head) (i32.const 0))
              (i32.eq (i32.load8_u (i32.add (local.get $at) (local.get $head))) (i32.const 10))))
          (then
            (local.set $head (i32.const 4))
            (loop $digits
              (local.set $found
                (i8x16.bitmask
                  (i8x16.eq (v128.load (i32.add (local.get $at) (local.get $head))) (i8x16.splat (i32.const 10)))))
              (if (i32.eqz (local.get $found))
                (then (local.set $head (i32.add (local.get $head) (i32.const 16))) (br $digits))))
            (local.set $head (i32.add (local.get $head) (i32.ctz (local.get $found))))))
        (local.set $textStart (i32.add (i32.add (local.get $at) (local.get $head)) (i32.const 7)))
        (global.set $start (local.get $textStart))
        (local.set $next (local.get $textStart))
        (local.set $isUnusual (i32.const 0))
        (block $text
          (loop $pieces
            (local.set $v0 (v128.load (local.get $next)))
            (local.set $v1 (v128.load offset=16 (local.get $next)))
            (local.set $found
              (i32.or
                (i8x16.bitmask
                  (i8x16.le_u (i8x16.sub (local.get $v0) (local.get $base)) (local.get $mark)))
                (i32.shl
                  (i8x16.bitmask (i8x16.le_u (i8x16.sub (local.get $v1) (local.get $base)) (local.get $mark)))
                  (i32.const 16))))
            (if (local.get $found)
              (then
                (local.set $newline
                  (i32.or
                    (i8x16.bitmask (i8x16.eq (local.get $v0) (local.get $lf)))
                    (i32.shl (i8x16.bitmask (i8x16.eq (local.get $v1) (local.get $lf))) (i32.const 16))))
                (local.set $found
                  (i32.and
                    (local.get $found)
                    (i32.xor
                      (i32.or
                        (i8x16.bitmask (i8x16.eq (local.get $v0) (local.get $tab)))
                        (i32.shl (i8x16.bitmask (i8x16.eq (local.get $v1) (local.get $tab))) (i32.const 16)))
                      (i32.const -1))))
                (if (local.get $newline)
                  (then
                    ;; What comes before the first one.
                    (local.set $isUnusual
                      (i32.or
                        (local.get $isUnusual)
                        (i32.and
                          (local.get $found)
                          (i32.and
                            (i32.xor (local.get $newline) (i32.const -1))
                            (i32.sub (local.get $newline) (i32.const 1))))))
                    (local.set $next (i32.add (local.get $next) (i32.ctz (local.get $newline))))
                    (br $text)))
                (local.set $isUnusual (i32.or (local.get $isUnusual) (local.get $found)))))
            (local.set $next (i32.add (local.get $next) (i32.const 32)))
            (br $pieces)))
        (local.set $textEnd (local.get $next))
        (global.set $end (local.get $next))
        (br_if $ended (i32.gt_u (i32.add (local.get $next) (i32.const 2)) (local.get $all)))
        (if (i32.or (local.get $isClose) (local.get $isUnusual))
          (then (local.set $why (i32.const 2)) (br $ended)))
        (local.set $time (global.get $time))
        (local.set $stamped (global.get $isStamped))
        (local.set $code
          ;; The code of the level of a line that stands for itself. 16: it takes a closer look; 17: its time does.
          (block $read (result i32)
            (if (i32.eq (local.get $textStart) (local.get $textEnd)) (then (br $read (i32.const 0))))
            ;; Most lines are passed by what the functions would look at first.
            (if (i32.load8_u offset=17152 (i32.load8_u (i32.sub (local.get $textEnd) (i32.const 1))))
              (then (if (call $endsSuspect) (then (br $read (i32.const 16))))))
            (local.set $pair (i32.load16_u (local.get $textStart)))
            (if (i32.and
                  (i32.shr_u
                    (i32.load8_u offset=512 (i32.shr_u (local.get $pair) (i32.const 3)))
                    (i32.and (local.get $pair) (i32.const 7)))
                  (i32.const 1))
              (then (if (call $beginsSuspect (local.get $textStart)) (then (br $read (i32.const 16))))))
            (local.set $says
              (block $stamp (result i32)
                ;; The time that the line begins with. 0: it has none, 1: it has one, 2: that takes a closer look. As `isFormAt` and
                ;; `secondAt`: nearly every line comes by here, and a call takes as long as what it does.
                (if (i32.and
                      (i32.ne (i32.load offset=80 (i32.const 0)) (i32.const 0))
                      (i32.eqz
                        (v128.any_true
                          (v128.or
                            (v128.and
                              (v128.xor (v128.load (local.get $textStart)) (v128.load (i32.const 0)))
                              (v128.load offset=32 (i32.const 0)))
                            (v128.and
                              (v128.xor (v128.load offset=16 (local.get $textStart)) (v128.load offset=16 (i32.const 0)))
                              (v128.load offset=48 (i32.const 0)))))))
                  (then
                    (local.set $digitAt (i32.add (local.get $textStart) (i32.load offset=80 (i32.const 0))))
                    (local.set $number (i32.sub (i32.load8_u (local.get $digitAt)) (i32.const 48)))
                    (local.set $byte (i32.sub (i32.load8_u offset=1 (local.get $digitAt)) (i32.const 48)))
                    (if (i32.or (i32.ge_u (local.get $number) (i32.const 10)) (i32.ge_u (local.get $byte) (i32.const 10)))
                      (then (br $stamp (i32.const 2))))
                    (local.set $number (i32.add (i32.mul (local.get $number) (i32.const 10)) (local.get $byte)))
                    (if (i32.gt_u (local.get $number) (i32.const 60)) (then (br $stamp (i32.const 2))))
                    (local.set $ms (i32.mul (local.get $number) (i32.const 1000)))
                    (local.set $digitAt (i32.add (local.get $digitAt) (i32.const 2)))
                    (local.set $byte (i32.load8_u (local.get $digitAt)))
                    (if (i32.or (i32.eq (local.get $byte) (i32.const 44)) (i32.eq (local.get $byte) (i32.const 46)))
                      (then
                        ;; Three digits are most.
                        (local.set $three
                          (i32.sub (i32.shr_u (i32.load (local.get $digitAt)) (i32.const 8)) (i32.const 0x303030)))
                        (if (i32.and
                              (i32.eqz
                                (i32.and
                                  (i32.or (local.get $three) (i32.add (local.get $three) (i32.const 0x767676)))
                                  (i32.const 0x808080)))
                              (i32.ge_u (i32.sub (i32.load8_u offset=4 (local.get $digitAt)) (i32.const 48)) (i32.const 10)))
                          (then
                            (local.set $digitAt (i32.add (local.get $digitAt) (i32.const 4)))
                            (local.set $ms
                              (i32.add
                                (i32.add (local.get $ms) (i32.shr_u (local.get $three) (i32.const 16)))
                                (i32.add
                                  (i32.mul (i32.and (local.get $three) (i32.const 255)) (i32.const 100))
                                  (i32.mul
                                    (i32.and (i32.shr_u (local.get $three) (i32.const 8)) (i32.const 255))
                                    (i32.const 10))))))
                          (else
                            (local.set $from (i32.add (local.get $digitAt) (i32.const 1)))
                            (local.set $unit (i32.const 100))
                            (block $fraction
                              (loop $digits
                                (local.set $digitAt (i32.add (local.get $digitAt) (i32.const 1)))
                                (local.set $byte (i32.load8_u (local.get $digitAt)))
                                (br_if $fraction (i32.eqz (i32.lt_u (i32.sub (local.get $byte) (i32.const 48)) (i32.const 10))))
                                (local.set $ms
                                  (i32.add (local.get $ms) (i32.mul (local.get $unit) (i32.sub (local.get $byte) (i32.const 48)))))
                                (local.set $unit (i32.div_u (local.get $unit) (i32.const 10)))
                                (br $digits)))
                            (local.set $from (i32.sub (local.get $digitAt) (local.get $from)))
                            (if (i32.or (i32.eqz (local.get $from)) (i32.gt_u (local.get $from) (i32.load offset=92 (i32.const 0))))
                              (then (br $stamp (i32.const 2))))))))
                    (if (i32.eqz (i64.eqz (i64.and (i64.xor (i64.load (local.get $digitAt)) (i64.load offset=64 (i32.const 0))) (i64.load offset=72 (i32.const 0))))) (then (br $stamp (i32.const 2))))
                    (local.set $digitAt (i32.add (local.get $digitAt) (i32.load offset=84 (i32.const 0))))
                    (local.set $traits (i32.load offset=88 (i32.const 0)))
                    (local.set $byte (i32.load8_u (local.get $digitAt)))
                    ;; What may follow: see `stampTraits`.
                    (if (i32.eq (local.get $byte) (i32.const 93))
                      (then (if (i32.eqz (i32.and (local.get $traits) (i32.const 1))) (then (br $stamp (i32.const 2)))))
                      (else
                        (if (i32.ne (local.get $byte) (i32.const 32)) (then (br $stamp (i32.const 2))))
                        (if (i32.and (local.get $traits) (i32.const 2)) (then (br $stamp (i32.const 2))))
                        (if (i32.and (local.get $traits) (i32.const 32))
                          (then
                            ;; `PM`, `a.m.`
                            (local.set $byte (i32.or (i32.load8_u offset=1 (local.get $digitAt)) (i32.const 32)))
                            (local.set $from (i32.load8_u offset=2 (local.get $digitAt)))
                            (if (i32.and
                                  (i32.or (i32.eq (local.get $byte) (i32.const 97)) (i32.eq (local.get $byte) (i32.const 112)))
                                  (i32.or
                                    (i32.eq (i32.or (local.get $from) (i32.const 32)) (i32.const 109))
                                    (i32.eq (local.get $from) (i32.const 46))))
                              (then (br $stamp (i32.const 2))))))
                        (if (i32.and (local.get $traits) (i32.const 4))
                          (then
                            (local.set $byte (i32.load8_u offset=1 (local.get $digitAt)))
                            ;; None that a zone begins with: `Z`, `U`, `G`. It follows one space only.
                            (if (i32.and
                                  (i32.or
                                    (i32.or (i32.lt_u (local.get $byte) (i32.const 65)) (i32.gt_u (local.get $byte) (i32.const 122)))
                                    (i32.or
                                      (i32.eq (local.get $byte) (i32.const 90))
                                      (i32.or (i32.eq (local.get $byte) (i32.const 85)) (i32.eq (local.get $byte) (i32.const 71)))))
                                  (i32.ne
                                    (select
                                      (i32.load8_u offset=2 (local.get $digitAt))
                                      (local.get $byte)
                                      (i32.eq (local.get $byte) (i32.const 45)))
                                    (i32.const 32)))
                              (then (br $stamp (i32.const 2))))))))
                    (global.set $time (f64.add (f64.load offset=96 (i32.const 0)) (f64.convert_i32_u (local.get $ms))))
                    (global.set $isStamped (i32.const 1))
                    (global.set $stampEnd (local.get $digitAt))
                    (br $stamp (i32.const 1))))
                (call $mayBeStamp)))
            (if (i32.eq (local.get $says) (i32.const 2)) (then (br $read (i32.const 17))))
            (if (local.get $says)
              (then
                (if (i32.and (i32.load offset=88 (i32.const 0)) (i32.const 8))
                  (then
                    ;; With a blank, five letters and what follows them the same eight bytes say the same.
                    (local.set $after (i64.load (global.get $stampEnd)))
                    (if (i64.ne (local.get $after) (global.get $leveledBytes))
                      (then
                        (global.set $leveled (call $levelAfterStamp))
                        (global.set $leveledBytes (local.get $after))
                        (if (i32.eqz (global.get $isLeveledShort)) (then (global.set $leveledBytes (i64.const 0))))))
                    (local.set $level (global.get $leveled))
                    (if (i32.eq (local.get $level) (i32.const 4)) (then (br $read (i32.const 16))))
                    (if (local.get $level) (then (br $read (local.get $level))))))
                (if (call $beginsAfterStamp) (then (br $read (i32.const 16))))))
            (if (i32.gt_u (i32.sub (local.get $textEnd) (local.get $textStart)) (i32.const 400)) (then (br $read (i32.const 16))))
            (global.set $bracket (i32.const 0))
            (if (call $holdsWord) (then (br $read (i32.const 16))))
            (if (i32.and (i32.ne (global.get $bracket) (i32.const 0)) (i32.eqz (local.get $says)))
              (then (if (i32.eqz (call $readAccessTime)) (then (br $read (i32.const 17))))))
            (i32.const 0)))
        (if (i32.ge_u (local.get $code) (i32.const 16))
          (then
            ;; What it says counts once it was looked at.
            (global.set $time (local.get $time))
            (global.set $isStamped (local.get $stamped))
            (local.set $why (i32.sub (local.get $code) (i32.const 14)))
            (br $ended)))
        (i32.store8 (i32.add (i32.const 122880) (local.get $lines)) (local.get $code))
        (if (f64.ge (f64.abs (f64.sub (global.get $time) (global.get $noted))) (f64.load offset=256 (i32.const 0)))
          (then
            (local.set $next (i32.add (i32.const 88064) (i32.shl (local.get $times) (i32.const 4))))
            (f64.store (local.get $next) (global.get $time))
            (f64.store offset=8 (local.get $next) (f64.convert_i32_u (local.get $lines)))
            (local.set $times (i32.add (local.get $times) (i32.const 1)))
            (global.set $noted (global.get $time))))
        (local.set $lines (i32.add (local.get $lines) (i32.const 1)))
        (local.set $lastStart (local.get $textStart))
        (local.set $lastEnd (local.get $textEnd))
        ;; Its own LF, and that of the event.
        (local.set $at (i32.add (local.get $textEnd) (i32.const 2)))
        (br $line)))
    (i32.store offset=208 (i32.const 0) (local.get $at))
    (i32.store offset=212 (i32.const 0) (local.get $textStart))
    (i32.store offset=216 (i32.const 0) (local.get $textEnd))
    (i32.store offset=220 (i32.const 0) (local.get $isUnusual))
    (i32.store offset=224 (i32.const 0) (local.get $lines))
    (i32.store offset=228 (i32.const 0) (local.get $times))
    (i32.store offset=232 (i32.const 0) (global.get $isStamped))
    (i32.store offset=236 (i32.const 0) (local.get $lastStart))
    (i32.store offset=272 (i32.const 0) (local.get $lastEnd))
    (f64.store offset=240 (i32.const 0) (global.get $time))
    (local.get $why)))
