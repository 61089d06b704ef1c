//! Key specs, usages and origins: which go together, and which algorithms an answer lists for them.

/// A row of the table of key specs.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    usages: &'static [Usage],
    encryption: &'static [&'static str],
    signing: &'static [&'static str],
    mac: &'static [&'static str],
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usage {
    EncryptDecrypt,
    SignVerify,
    GenerateVerifyMac,
    KeyAgreement,
}

/// Where a key's material comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    AwsKms,
    External,
    /// A custom key store: such keys live in one Region and are only to be seen here.
    CloudHsm,
    ExternalKeyStore,
}

/// The three that related keys share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) spec: &'static Spec,
    pub(crate) usage: Usage,
    pub(crate) origin: Origin,
}

const RSA_ENCRYPTION: &[&str] = &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"];
const RSA_SIGNING: &[&str] = &[
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
];
const RSA_USAGES: &[Usage] = &[Usage::EncryptDecrypt, Usage::SignVerify];
const CURVE_USAGES: &[Usage] = &[Usage::SignVerify, Usage::KeyAgreement];

const fn rsa(name: &'static str) -> Spec {
    Spec { name, usages: RSA_USAGES, encryption: RSA_ENCRYPTION, signing: RSA_SIGNING, mac: &[] }
}

const fn signing(name: &'static str, usages: &'static [Usage], algorithms: &'static [&'static str]) -> Spec {
    Spec { name, usages, encryption: &[], signing: algorithms, mac: &[] }
}

const fn hmac(name: &'static str, algorithms: &'static [&'static str]) -> Spec {
    Spec { name, usages: &[Usage::GenerateVerifyMac], encryption: &[], signing: &[], mac: algorithms }
}

static SYMMETRIC: Spec = Spec {
    name: "SYMMETRIC_DEFAULT",
    usages: &[Usage::EncryptDecrypt],
    encryption: &["SYMMETRIC_DEFAULT"],
    signing: &[],
    mac: &[],
};

static OTHERS: [Spec; 16] = [
    rsa("RSA_2048"),
    rsa("RSA_3072"),
    rsa("RSA_4096"),
    signing("ECC_NIST_P256", CURVE_USAGES, &["ECDSA_SHA_256"]),
    signing("ECC_NIST_P384", CURVE_USAGES, &["ECDSA_SHA_384"]),
    signing("ECC_NIST_P521", CURVE_USAGES, &["ECDSA_SHA_512"]),
    signing("ECC_SECG_P256K1", &[Usage::SignVerify], &["ECDSA_SHA_256"]),
    signing("ECC_NIST_EDWARDS25519", &[Usage::SignVerify], &["ED25519_SHA_512", "ED25519_PH_SHA_512"]),
    signing("ML_DSA_44", &[Usage::SignVerify], &["ML_DSA_SHAKE_256"]),
    signing("ML_DSA_65", &[Usage::SignVerify], &["ML_DSA_SHAKE_256"]),
    signing("ML_DSA_87", &[Usage::SignVerify], &["ML_DSA_SHAKE_256"]),
    hmac("HMAC_224", &["HMAC_SHA_224"]),
    hmac("HMAC_256", &["HMAC_SHA_256"]),
    hmac("HMAC_384", &["HMAC_SHA_384"]),
    hmac("HMAC_512", &["HMAC_SHA_512"]),
    Spec {
        name: "SM2",
        usages: &[Usage::EncryptDecrypt, Usage::SignVerify, Usage::KeyAgreement],
        encryption: &["SM2PKE"],
        signing: &["SM2DSA"],
        mac: &[],
    },
];

impl Spec {
    pub(crate) fn symmetric() -> &'static Self {
        &SYMMETRIC
    }

    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        std::iter::once(&SYMMETRIC).chain(&OTHERS).find(|spec| spec.name == name)
    }

    pub(crate) fn is_symmetric(&self) -> bool {
        self.name == SYMMETRIC.name
    }

    pub(crate) fn allows(&self, usage: Usage) -> bool {
        self.usages.contains(&usage)
    }

    /// The usage of a key of which only the spec is known, if the spec leaves no choice.
    pub(crate) fn only_usage(&self) -> Option<Usage> {
        match self.usages {
            [only] => Some(*only),
            [] | [_, _, ..] => None,
        }
    }
}

impl Usage {
    const ALL: [Self; 4] = [Self::EncryptDecrypt, Self::SignVerify, Self::GenerateVerifyMac, Self::KeyAgreement];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::EncryptDecrypt => "ENCRYPT_DECRYPT",
            Self::SignVerify => "SIGN_VERIFY",
            Self::GenerateVerifyMac => "GENERATE_VERIFY_MAC",
            Self::KeyAgreement => "KEY_AGREEMENT",
        }
    }

    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|usage| usage.name() == name)
    }
}

impl Origin {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AwsKms => "AWS_KMS",
            Self::External => "EXTERNAL",
            Self::CloudHsm => "AWS_CLOUDHSM",
            Self::ExternalKeyStore => "EXTERNAL_KEY_STORE",
        }
    }

    pub(crate) fn find(name: &str) -> Option<Self> {
        [Self::AwsKms, Self::External, Self::CloudHsm, Self::ExternalKeyStore]
            .into_iter()
            .find(|origin| origin.name() == name)
    }
}

/// The lists of algorithms in a key's metadata; an answer has only the one that its usage calls for.
impl Kind {
    pub(crate) fn encryption(&self) -> &'static [&'static str] {
        if self.usage == Usage::EncryptDecrypt { self.spec.encryption } else { &[] }
    }

    pub(crate) fn signing(&self) -> &'static [&'static str] {
        if self.usage == Usage::SignVerify { self.spec.signing } else { &[] }
    }

    pub(crate) fn mac(&self) -> &'static [&'static str] {
        self.spec.mac
    }

    pub(crate) fn agreement(&self) -> &'static [&'static str] {
        if self.usage == Usage::KeyAgreement { &["ECDH"] } else { &[] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spec_names_algorithms_for_each_of_its_usages() {
        for spec in std::iter::once(&SYMMETRIC).chain(&OTHERS) {
            for usage in spec.usages {
                let kind = Kind { spec, usage: *usage, origin: Origin::AwsKms };
                let lists = [kind.encryption(), kind.signing(), kind.mac(), kind.agreement()];
                assert_eq!(lists.iter().filter(|list| !list.is_empty()).count(), 1, "{} {}", spec.name, usage.name());
            }
        }
        assert!(Spec::find("RSA_2048").is_some_and(|spec| !spec.allows(Usage::GenerateVerifyMac)));
        assert!(Spec::find("HMAC_256").is_some_and(|spec| spec.only_usage() == Some(Usage::GenerateVerifyMac)));
        assert!(Spec::find("RSA_1024").is_none());
    }
}
