' One kind of number; whole ones show no decimals.
TALK 5
TALK 5.0
TALK -3
TALK .5
TALK 1.60
TALK 10 / 4
TALK 10 / 5
TALK 2 ^ 10
TALK 7 MOD 3
TALK 7 \ 2
TALK 1e3
TALK 1000000
TALK 123456789012
TALK 2 + 3 * 4
TALK (2 + 3) * 4
TALK -2 ^ 2
TALK 2 * -3
TALK 10 - 2 - 3
TALK 100 / 10 / 2
TALK "5" * 2
TALK "5" + 2
TALK 5 + 2 + "x"
TALK "x" + 5 + 2
TALK 5 & 2
n = 10
n += 5
n -= 1
n *= 2
n /= 4
TALK n
