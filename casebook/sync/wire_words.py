"""The words of the record format that both ends know before the first byte: what zstd packs COMMITS frames with.

Words of the format alone, never of a study: a dictionary made from records would carry records. The text belongs
to protocol 1 and never changes under its number; the likeliest words stand last, where naming them costs least.

Source: docs/record_format.md; RFC 8878, section 5.
"""

WORDS = """\
{"ev":"verdict","kv":[["code","late_lock"],["commit","
{"ev":"sign-out","kv":[]}{"ev":"sign-in","kv":[]}{"ev":"time-anchor","kv":[["boot","
"k":"redact""k":"deleg""k":"adj""k":"sign""k":"flag""k":"query""k":"key""k":"blob""k":"sec""k":"subj"
{"ac":"open","ba":[],"co":"","qi":{"fl":"verified","on":1,"sc":["item","w":""
{"n":"0000000000000000000000","no":"001-A001","s":"0000000000000000","si":"001"}
["f","",0]["c","","["+","","["-","","["u","","",[]],["m","complete",1,[]],["=","","","N",null,["\
00000000000000000000000000000000"],""],["=","","","","NK",[],null]
{"a":10,"av":"0.1.0","b":"00000000","c":"S","d":"0000000000000000","e":"000000","k":"data","m":10000000,"p":\
"0000000000000000000000000000000000000000000000000000000000000000","q":1,"si":"001","st":"","t":1780000000000,\
"u":"","uk":"0000000000000000","v":1,"z":480}
{"er":"","ev":"","f":"","fr":"","fv":"0000000000000000","n":"0000000000000000000000","o":[["=","","","",\
"2026-01-01T08:00+08:00",null,[],null],["=","","","",null],["=","","","","Y",null,[],null]],"s":"0000000000000000"}
"""
