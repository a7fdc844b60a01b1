// The one importer of libm: the pure layers above take their real functions from here.
import Glibc

public func exp(_ x: Double) -> Double { Glibc.exp(x) }
public func expm1(_ x: Double) -> Double { Glibc.expm1(x) }
/// 10 to the power `x`.
public func exp10(_ x: Double) -> Double { Glibc.pow(10, x) }
/// The natural logarithm.
public func log(_ x: Double) -> Double { Glibc.log(x) }
public func log10(_ x: Double) -> Double { Glibc.log10(x) }
public func log2(_ x: Double) -> Double { Glibc.log2(x) }
public func log1p(_ x: Double) -> Double { Glibc.log1p(x) }
/// `base` to the power `exponent`.
public func pow(_ base: Double, _ exponent: Double) -> Double { Glibc.pow(base, exponent) }
public func sqrt(_ x: Double) -> Double { x.squareRoot() }
public func cbrt(_ x: Double) -> Double { Glibc.cbrt(x) }
public func hypot(_ x: Double, _ y: Double) -> Double { Glibc.hypot(x, y) }
/// The sine of an angle in radians; likewise the other circular functions.
public func sin(_ x: Double) -> Double { Glibc.sin(x) }
public func cos(_ x: Double) -> Double { Glibc.cos(x) }
public func tan(_ x: Double) -> Double { Glibc.tan(x) }
public func asin(_ x: Double) -> Double { Glibc.asin(x) }
public func acos(_ x: Double) -> Double { Glibc.acos(x) }
public func atan(_ x: Double) -> Double { Glibc.atan(x) }
public func atan2(_ y: Double, _ x: Double) -> Double { Glibc.atan2(y, x) }
public func tanh(_ x: Double) -> Double { Glibc.tanh(x) }
/// The error function, and its complement.
public func erf(_ x: Double) -> Double { Glibc.erf(x) }
public func erfc(_ x: Double) -> Double { Glibc.erfc(x) }
/// The natural logarithm of the gamma function of a positive `x`.
public func logGamma(_ x: Double) -> Double { Glibc.lgamma(x) }
